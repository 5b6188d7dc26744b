"""MySQL's SELECT in the words of PostgreSQL, where MySQL would take it; otherwise a message for the learner.

The grammar is sqlglot's, which reads more than MySQL does: what ports bring along from PostgreSQL is refused here.
Source: MySQL 8 Reference Manual, chapters "Functions and Operators" and "SQL Statements".
"""

from itertools import pairwise

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.tokens import TokenType

from prodev.testbed import explain

DATES = ("check_in", "check_out")
OF_OTHERS = {
    "STRING_AGG": "GROUP_CONCAT",
    "LISTAGG": "GROUP_CONCAT",
    "ARRAY_AGG": "GROUP_CONCAT, or ROW_NUMBER() and a condition",
    "ARRAY_TO_STRING": "GROUP_CONCAT",
    "TO_CHAR": "DATE_FORMAT",
    "DATE_TRUNC": "DATE_FORMAT",
    "SPLIT_PART": "SUBSTRING_INDEX",
    "NVL": "IFNULL",
}
NOT_TO_CAST_TO = {exp.DataType.Type.INT, exp.DataType.Type.TEXT, exp.DataType.Type.VARCHAR}
ONLY_POSTGRES = {
    exp.Filter: ("FILTER (WHERE …)", "an aggregate takes CASE inside of its brackets"),
    exp.ILike: ("ILIKE", "LIKE does not mind capitals there"),
    exp.Fetch: ("FETCH FIRST", "it says LIMIT"),
    exp.Bracket: ("an array's […]", "it has no arrays"),
}


def in_postgres(text):
    """Translate MySQL's SELECT for PostgreSQL; what MySQL would not take is refused."""
    statement = _parsed(text)
    _refuse_marks(text)
    _refuse_what_mysql_lacks(statement)
    _say_what_it_means(statement)
    return statement.sql("postgres")


def is_for_mysql_alone(text):
    """Whether MariaDB lacks something of what ``text`` uses and MySQL 8 has."""
    statement = sqlglot.parse_one(text, read="mysql")
    return any(statement.find(kind) for kind in (exp.Lateral, exp.AnyValue)) or "->" in text


def _parsed(text):
    try:
        [statement] = [each for each in sqlglot.parse(text, read="mysql") if each is not None]
    except SqlglotError as error:
        place = error.errors[0] if getattr(error, "errors", None) else {}
        _not_mysql(
            f"On line {place.get('line', '?')} it does not follow the grammar: {place.get('description', error)}",
            "MySQL would stop there, too.",
        )
    except ValueError:
        _not_mysql("It is not one statement.", "The report is one SELECT; a second one is never shown.")
    return statement


def _refuse_marks(text):
    tokens = sqlglot.Dialect.get_or_raise("mysql").tokenize(text)
    for before, token in pairwise(tokens):
        if before.token_type in (TokenType.FROM, TokenType.JOIN) and token.token_type == TokenType.STRING:
            _not_mysql(
                f'On line {token.line}, "{token.text}" stands in double quotes where a table is to be named.',
                "In MySQL, double quotes make a text. user is a reserved word in one of the two databases only: "
                "quote it as each of them does, in every place.",
            )
        if token.token_type == TokenType.L_PAREN and before.text.upper() in OF_OTHERS:
            name = before.text.upper()
            _not_mysql(f"On line {before.line}, it calls {name}.", f"MySQL has no {name}; look up {OF_OTHERS[name]}.")
        if token.token_type == TokenType.DCOLON:
            _not_mysql(f"On line {token.line}, it converts by `::`.", "MySQL knows CAST(… AS …) only.")
        if before.text.upper() == "NULLS" and token.text.upper() in ("FIRST", "LAST"):
            _not_mysql(
                f"On line {token.line}, it says NULLS {token.text.upper()}.",
                "MySQL always sorts NULL as less than everything; `ORDER BY x IS NULL, x` puts it last.",
            )


def _refuse_what_mysql_lacks(statement):
    if any(join.side == "FULL" for join in statement.find_all(exp.Join)):
        _not_mysql(
            "There is a FULL JOIN in it.",
            "MySQL has none; it would even take FULL for an alias of the table before it, and make an inner join.",
        )
    for kind, (name, instead) in ONLY_POSTGRES.items():
        if statement.find(kind):
            _not_mysql(f"There is {name} in it.", f"MySQL does not know that: {instead}.")
    if any(query.args.get("materialized") is not None for query in statement.find_all(exp.CTE)):
        _not_mysql("It says MATERIALIZED.", "MySQL does not know that, and decides by itself.")
    if any(cast.to.this in NOT_TO_CAST_TO for cast in statement.find_all(exp.Cast)):
        _not_mysql(
            "CAST goes to a type that only columns have.", "In MySQL it goes to SIGNED, DECIMAL, CHAR or DATE, say."
        )
    if any(distinct.args.get("on") for distinct in statement.find_all(exp.Distinct)):
        _not_mysql("There is DISTINCT ON in it.", "MySQL does not know that: ROW_NUMBER() and a condition do the same.")
    for table in statement.find_all(exp.Subquery):
        is_query = isinstance(table.this, exp.Query) and isinstance(table.parent, exp.From | exp.Join)
        if is_query and not table.alias:
            _not_mysql("A query in brackets after FROM or JOIN has no name.", "In MySQL each of them needs an alias.")


def _say_what_it_means(statement):
    """Put into the tree what MySQL means by it, where a translation word by word would mean something else."""
    for name in statement.find_all(exp.Identifier):  # MySQL takes user as a name, and City for city
        name.set("this", name.this.lower())
        name.set("quoted", True)
    for minus in list(statement.find_all(exp.Sub)):
        if not isinstance(minus.expression, exp.Interval):
            for side in (minus.this, minus.expression):
                if isinstance(side, exp.Column) and side.name in DATES:  # 2 March 2026 is the number 20260302
                    day = exp.func("TO_CHAR", side.copy(), exp.Literal.string("YYYYMMDD"), dialect="postgres")
                    side.replace(exp.cast(day, "int"))
    for zero in [each for each in statement.find_all(exp.Literal) if each.name == "0000-01-01"]:
        since = zero.find_ancestor(exp.DateDiff)  # TO_DAYS counts from a year that PostgreSQL does not have
        zero.set("this", "0001-01-01")
        if since:
            since.replace(exp.paren(exp.Add(this=since.copy(), expression=exp.Literal.number(365))))
    for days in list(statement.find_all(exp.TimestampDiff)):
        if days.text("unit").upper() == "DAY":
            days.replace(exp.DateDiff(this=days.this, expression=days.expression))
    for part in list(statement.find_all(exp.SubstringIndex)):
        part.replace(exp.func("SPLIT_PART", part.this, part.args["delimiter"], part.args["count"], dialect="postgres"))


def _not_mysql(saw, why):
    raise AssertionError(
        explain(
            did="I read report.mysql.sql as MySQL.", saw=saw, why=why, look="The dialect of the line that is named."
        )
    )
