"""The desk where stays are booked: one session that watches, and two that may book at the same moment."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import NamedTuple

PATIENCE_S = 10


class Stay(NamedTuple):
    """What a guest asks for."""

    listing: int
    check_in: date
    check_out: date
    status: str = "confirmed"

    def __str__(self):
        return f"{self.check_in.day} to {self.check_out.day} {self.check_out:%B}"


class Answer(NamedTuple):
    """What the database says to a booking or a change: the row's id, or why nothing was stored."""

    id: int | None
    refusal: str = ""

    @property
    def taken(self):
        return self.id is not None


class Session:
    """One connection, and its transaction."""

    def __init__(self, connection):
        self.connection = connection
        self.pid = self.ask("SELECT pg_backend_pid()")
        self.ask("SELECT set_config('synchronous_commit', 'off', false)")  # nobody pulls the plug here
        connection.commit()

    def ask(self, sql, *values):
        cursor = self.connection.cursor()
        cursor.execute(sql, values)
        row = cursor.fetchone()
        return row[0] if row else None

    def insert(self, stay):
        """Insert a booking and leave the transaction open, unless it is refused."""
        sql = """
            INSERT INTO booking (guest_id, listing_id, check_in, check_out, status)
            VALUES (1, %s, %s, %s, %s) RETURNING id
        """
        return self._answer(lambda: self.ask(sql, *stay))

    def commit(self, answer):
        """End the transaction of that answer; a deferred check may still refuse it."""
        if answer.refusal:
            return answer
        refused = self._answer(self.connection.commit)
        return refused if refused.refusal else answer

    def update(self, id, columns):
        """Change a booking and leave the transaction open, unless it is refused."""
        settings = ", ".join(f"{name} = %s" for name in columns)
        return self._answer(
            lambda: self.ask(f"UPDATE booking SET {settings} WHERE id = %s RETURNING id", *columns.values(), id)
        )

    def _answer(self, act):
        try:
            result = act()
        except self.connection.Error as error:
            self.connection.rollback()
            return Answer(None, str(error).strip().splitlines()[0])
        return Answer(result)


class Desk:
    def __init__(self, database):
        self.watch = Session(database.connect(autocommit=True))
        self.one, self.two = Session(database.connect()), Session(database.connect())

    def book(self, stay):
        """Book with nobody else at the desk."""
        return self.one.commit(self.one.insert(stay))

    def change(self, id, **columns):
        """Change a booking with nobody else at the desk."""
        return self.one.commit(self.one.update(id, columns))

    def race(self, first, second):
        """Book in two sessions: the second inserts before the first commits. Returns both answers.

        The first commits as soon as the second has its row or waits for a lock, and the second as soon as
        the first has committed or waits: what each session sees does not depend on how fast anything is.
        """
        with ThreadPoolExecutor(2) as threads:
            answer = self.one.insert(first)
            inserting = threads.submit(self.two.insert, second)
            self._until(inserting, or_waits=self.two)
            committing = threads.submit(self.one.commit, answer)
            self._until(committing, or_waits=self.one)
            last = self.two.commit(inserting.result())
            return committing.result(), last

    def _until(self, step, *, or_waits):
        """Return when the step is done, or its session waits for another one."""
        ends = time.monotonic() + PATIENCE_S
        while not step.done() and time.monotonic() < ends:
            if self.watch.ask("SELECT cardinality(pg_blocking_pids(%s))", or_waits.pid):
                return
