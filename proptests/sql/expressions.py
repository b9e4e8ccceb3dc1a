"""Random expressions of literals: what the differential test asks both servers.

Each is made for a kind of value, mostly of operands that belong there, sometimes of any: that is
how conversions are met. What is left out is said in differential.py.
"""

INTEGERS = ("0", "1", "2", "3", "7", "10", "42", "-1", "-5", "100", "255", "1000", "2147483647",
            "-2147483648", "9223372036854775807", "-9223372036854775808", "18446744073709551615")
DECIMALS = ("0.0", "0.5", "1.5", "-1.5", "2.50", "3.14159", "-0.001", "100.25", "12345.6789",
            "-99999.99999", "0.10", "1.005", "2.675")
REALS = ("0e0", "1e0", "1.5e0", "-2.5e0", "1e10", "1.25e-3", "3e5", "-7.5e2", "1e15", "1e-7")
TEXTS = ("''", "'a'", "'A'", "'abc'", "'ABC'", "'hello world'", "'10'", "'2abc'", "' 7'", "'-3.5'",
         "'a,b,c'", "'x y '", "'%'", "'a_c'", "'Grün'", "'ñandú'", "'0'", "'aXbXc'")
DATES = ("DATE '2024-02-29'", "DATE '2023-12-31'", "DATE '2000-01-01'", "DATE '1999-07-15'",
         "DATE '9999-12-31'", "DATE '0100-03-01'")
DATETIMES = ("TIMESTAMP '2024-02-29 23:59:59'", "TIMESTAMP '2023-01-01 00:00:00'",
             "TIMESTAMP '2001-09-09 01:46:40.123456'")
TIMES = ("TIME '12:34:56'", "TIME '00:00:00'", "TIME '-01:02:03'", "TIME '100:20:30'",
         "TIME '23:59:59.5'")
DATE_TEXTS = ("'2024-02-29'", "'2023-1-5'", "'20240131'", "'2024-02-30'", "'2024-05-06 07:08:09'",
              "'no date'")
FORMATS = ("'%Y-%m-%d'", "'%W %M %e %Y'", "'%a %b %D'", "'%H:%i:%S.%f'", "'%h:%i %p'", "'%j %U %u'",
           "'%V %v %X %x'", "'%T %r'", "'%k %l %y%%'", "'%w'")
PARSED = (("'31.01.2024'", "'%d.%m.%Y'"), ("'Feb 29, 2024'", "'%b %d, %Y'"),
          ("'2024-02-30'", "'%Y-%m-%d'"), ("'11:22:33'", "'%H:%i:%s'"),
          ("'2024-01-02 03:04:05 PM'", "'%Y-%m-%d %h:%i:%s %p'"), ("'2024 60'", "'%Y %j'"),
          ("'x'", "'%Y'"))
TIME_TEXTS = ("'01:00:00'", "'-10:20:30.5'", "'2024-01-31 12:00:00'", "'00:00:01.000002'")
ANGLES = ("SIN", "COS", "ATAN", "DEGREES", "RADIANS", "ACOS")
ADDRESSES = ("'127.0.0.1'", "'10.1'", "'256.1.1.1'", "'1.2.3.4'")
ARITHMETIC = ("+", "-", "*", "/", "DIV", "%")
BITS = ("|", "&", "^", "<<", ">>")
COMPARISONS = ("=", "<=>", "<>", "<", "<=", ">", ">=")
UNITS = ("DAY", "WEEK", "MONTH", "QUARTER", "YEAR", "HOUR", "MINUTE", "SECOND")
TEXT_FUNCTIONS = ("LOWER", "UPPER", "REVERSE", "LTRIM", "RTRIM", "TRIM", "HEX")
MEASURES = ("LENGTH", "CHAR_LENGTH", "ASCII", "BIT_LENGTH")
ROUNDINGS = ("ABS", "FLOOR", "CEILING", "ROUND", "SIGN")
DATE_PARTS = ("YEAR", "MONTH", "DAY", "QUARTER", "DAYOFWEEK", "WEEKDAY", "DAYOFYEAR", "TO_DAYS")
TIME_PARTS = ("HOUR", "MINUTE", "SECOND", "MICROSECOND", "TIME_TO_SEC")
CASTS = ("SIGNED", "UNSIGNED", "CHAR", "CHAR(2)", "DECIMAL(10,2)", "DECIMAL(5,1)", "DOUBLE", "DATE",
         "DATETIME", "BINARY")


class Expressions:
    """Makes expressions from a random.Random."""

    def __init__(self, chance):
        self.chance = chance

    def one(self, depth=3):
        return self.chance.choice((self.number, self.number, self.text, self.truth, self.time,
                                   self.calendar, self.encoded))(depth)

    def calendar(self, depth):
        """Texts of dates, weeks, sums of times."""
        choice = self.chance.choice
        date = choice(choice((DATES, DATETIMES)))
        pick = self.chance.randrange(12)
        if pick == 0:
            return f"DATE_FORMAT({date}, {choice(FORMATS)})"
        if pick == 1:
            text, form = choice(PARSED)
            return f"STR_TO_DATE({text}, {form})"
        if pick == 2:
            return f"{choice(('WEEK', 'YEARWEEK'))}({date}, {self.chance.randrange(8)})"
        if pick == 3:
            return f"{choice(('DAYNAME', 'MONTHNAME', 'WEEKOFYEAR', 'TO_SECONDS'))}({date})"
        if pick == 4:
            return f"SEC_TO_TIME({choice(INTEGERS + DECIMALS)})"
        if pick == 5:
            name = choice(("ADDTIME", "SUBTIME"))
            return f"{name}({choice(DATETIMES + TIMES)}, {choice(TIMES)})"
        if pick == 6:
            kind = choice((TIMES, DATETIMES, TIME_TEXTS))
            return f"TIMEDIFF({choice(kind)}, {choice(kind)})"
        if pick == 7:
            return f"MAKETIME({self.small()}, {self.small()}, {choice(('0', '59', '1.5', '60'))})"
        if pick == 8:
            return f"TIMESTAMPADD({choice(UNITS)}, {self.small()}, {date})"
        if pick == 9:
            return f"PERIOD_ADD({choice(('202402', '9912', '7001'))}, {choice(('1', '-3', '25'))})"
        if pick == 10:
            return f"UNIX_TIMESTAMP({choice(DATES + DATETIMES)})"
        return f"FROM_UNIXTIME({choice(('0', '1', '1709210096', '1.5'))})"

    def encoded(self, depth):
        """Digests, other bases, separators."""
        choice = self.chance.choice
        text = self.text(min(depth, 1))
        pick = self.chance.randrange(9)
        if pick == 0:
            return f"{choice(('MD5', 'SHA1', 'CRC32', 'TO_BASE64', 'QUOTE', 'ORD'))}({text})"
        if pick == 1:
            return f"SHA2({text}, {choice(('0', '224', '256', '384', '512', '1'))})"
        if pick == 2:
            return f"HEX(FROM_BASE64(TO_BASE64({text})))"
        if pick == 3:
            bases = ("2", "10", "16", "36", "-10", "1")
            return f"CONV({choice(INTEGERS + TEXTS)}, {choice(bases)}, {choice(bases)})"
        if pick == 4:
            return f"FORMAT({choice(INTEGERS + DECIMALS)}, {choice(('0', '2', '5'))})"
        if pick == 5:
            return f"INET_ATON({choice(ADDRESSES)})"
        if pick == 6:
            return f"INET_NTOA({choice(INTEGERS)})"
        if pick == 7:
            return f"{choice(ANGLES)}({choice(REALS)})"
        return f"HEX(CHAR({self.small()}, 65, {choice(INTEGERS[:10])}))"

    def any(self, depth):
        """An operand of any kind."""
        if self.chance.random() < 0.1:
            return "NULL"
        return self.one(depth)

    def small(self):
        return self.chance.choice(("0", "1", "2", "3", "-1", "5", "10", "NULL"))

    def number(self, depth):
        pick = self.chance.random()
        if depth <= 0 or pick < 0.15:
            return self.chance.choice(self.chance.choice((INTEGERS, DECIMALS, REALS)))
        below = depth - 1
        if pick < 0.45:
            operator = self.chance.choice(ARITHMETIC)
            return f"({self.operand(below)} {operator} {self.operand(below)})"
        if pick < 0.52:
            operator = self.chance.choice(BITS)
            return f"({self.operand(below)} {operator} {self.small()})"
        if pick < 0.6:
            return f"{self.chance.choice(ROUNDINGS)}({self.number(below)})"
        if pick < 0.65:
            name = self.chance.choice(("ROUND", "TRUNCATE"))
            return f"{name}({self.number(below)}, {self.chance.choice(('0', '1', '2', '-1'))})"
        if pick < 0.72:
            return f"{self.chance.choice(MEASURES)}({self.text(below)})"
        if pick < 0.77:
            return f"LOCATE({self.text(0)}, {self.text(below)})"
        if pick < 0.81:
            return f"(- {self.number(below)})"
        if pick < 0.86:
            return f"SQRT({self.number(below)})"
        if pick < 0.9:
            return f"STRCMP({self.text(below)}, {self.text(below)})"
        return self.choice_of(self.number, below)

    def operand(self, depth):
        if self.chance.random() < 0.12:
            return self.any(depth)
        return self.number(depth)

    def text(self, depth):
        pick = self.chance.random()
        if depth <= 0 or pick < 0.2:
            return self.chance.choice(TEXTS)
        below = depth - 1
        if pick < 0.35:
            return f"CONCAT({self.text(below)}, {self.any(below)})"
        if pick < 0.5:
            return f"{self.chance.choice(TEXT_FUNCTIONS)}({self.text(below)})"
        if pick < 0.6:
            name = self.chance.choice(("LEFT", "RIGHT", "REPEAT"))
            return f"{name}({self.text(below)}, {self.small()})"
        if pick < 0.7:
            return f"SUBSTRING({self.text(below)}, {self.small()}, {self.small()})"
        if pick < 0.75:
            return f"REPLACE({self.text(below)}, {self.text(0)}, {self.text(0)})"
        if pick < 0.8:
            name = self.chance.choice(("LPAD", "RPAD"))
            return f"{name}({self.text(below)}, {self.small()}, {self.text(0)})"
        if pick < 0.85:
            return f"SUBSTRING_INDEX({self.text(below)}, {self.text(0)}, {self.small()})"
        if pick < 0.9:
            return f"CONCAT_WS({self.text(0)}, {self.text(below)}, {self.any(below)})"
        return self.choice_of(self.text, below)

    def truth(self, depth):
        below = depth - 1
        if depth <= 0:
            return self.chance.choice(("TRUE", "FALSE", "NULL", "1", "0"))
        pick = self.chance.random()
        family = self.chance.choice((self.number, self.text, self.time, self.operand))
        if pick < 0.35:
            operator = self.chance.choice(COMPARISONS)
            return f"({family(below)} {operator} {family(below)})"
        if pick < 0.5:
            operator = self.chance.choice(("AND", "OR", "XOR"))
            return f"({self.truth(below)} {operator} {self.truth(below)})"
        if pick < 0.6:
            return f"(NOT {self.truth(below)})"
        negated = self.chance.choice(("", "NOT "))
        if pick < 0.7:
            test = self.chance.choice(("NULL", "TRUE", "FALSE", "UNKNOWN"))
            return f"({self.truth(below)} IS {negated}{test})"
        if pick < 0.8:
            pattern = self.chance.choice(("'a%'", "'%b%'", "'_b_'", "'%'", "''", "'a\\\\_c'"))
            return f"({self.text(below)} {negated}LIKE {pattern})"
        if pick < 0.9:
            return f"({family(below)} {negated}BETWEEN {family(0)} AND {family(0)})"
        return f"({family(below)} {negated}IN ({family(0)}, {family(0)}, {self.small()}))"

    def time(self, depth):
        pick = self.chance.random()
        if depth <= 0 or pick < 0.25:
            return self.chance.choice(self.chance.choice((DATES, DATETIMES, TIMES)))
        below = depth - 1
        dates = self.chance.choice((DATES, DATETIMES))
        date = self.chance.choice(dates)
        if pick < 0.45:
            name = self.chance.choice(("DATE_ADD", "DATE_SUB"))
            unit = self.chance.choice(UNITS)
            return f"{name}({date}, INTERVAL {self.small()} {unit})"
        if pick < 0.6:
            source = self.chance.choice((date, self.chance.choice(DATE_TEXTS)))
            return f"{self.chance.choice(DATE_PARTS)}({source})"
        if pick < 0.7:
            return f"{self.chance.choice(TIME_PARTS)}({self.chance.choice(TIMES)})"
        if pick < 0.8:
            unit = self.chance.choice(UNITS)
            return f"TIMESTAMPDIFF({unit}, {date}, {self.chance.choice(DATES)})"
        if pick < 0.87:
            return f"DATEDIFF({date}, {self.chance.choice(DATES)})"
        if pick < 0.93:
            return f"LAST_DAY({date})"
        return self.choice_of(self.time, below)

    def choice_of(self, family, depth):
        pick = self.chance.randrange(6)
        if pick == 0:
            return f"IF({self.truth(depth)}, {family(depth)}, {family(depth)})"
        if pick == 1:
            return f"IFNULL({self.any(depth)}, {family(depth)})"
        if pick == 2:
            return f"COALESCE(NULL, {family(depth)}, {family(depth)})"
        if pick == 3:
            return (f"CASE WHEN {self.truth(depth)} THEN {family(depth)} "
                    f"ELSE {family(depth)} END")
        if pick == 4:
            return f"CAST({self.any(depth)} AS {self.chance.choice(CASTS)})"
        name = self.chance.choice(("GREATEST", "LEAST", "NULLIF"))
        return f"{name}({family(depth)}, {family(depth)})"
