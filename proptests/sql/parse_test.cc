// What statements mean, as canonical SQL shows it, and MySQL's words for those that mean nothing.
#include <gtest/gtest.h>

#include "core/sql/parser/parse.h"
#include "core/sql/print/print.h"

namespace aftersync {
namespace {

using sql::Parsed;
using sql::ParseOptions;
using sql::SqlError;

std::string canonical(std::string_view text, const ParseOptions& options = {}) {
  const auto result = sql::parse(text, options);
  if (const auto* error = std::get_if<SqlError>(&result)) {
    return std::to_string(error->number) + "/" + error->sqlstate + " " + error->message;
  }
  return sql::to_sql(std::get<Parsed>(result).statement);
}

std::string near(const std::string& rest, int line = 1) {
  return "1064/42000 You have an error in your SQL syntax; check the manual that corresponds to "
         "your MySQL server version for the right syntax to use near '" +
         rest + "' at line " + std::to_string(line);
}

struct Case {
  const char* text;
  const char* canonical;
};

// Each also has to be a fixed point: what is printed prints as itself.
void expect_all(std::initializer_list<Case> cases) {
  for (const Case& one : cases) {
    EXPECT_EQ(canonical(one.text), one.canonical) << one.text;
    EXPECT_EQ(canonical(one.canonical), one.canonical) << one.text;
  }
}

TEST(SqlParse, OperatorsBindAsTheManualSays) {
  expect_all({
      {"SELECT 1 + 2 * 3 << 4 & 5 | 6", "SELECT (((1 + (2 * 3)) << 4) & 5) | 6"},
      {"SELECT -2 ^ 3 * ~4", "SELECT ((- 2) ^ 3) * (~ 4)"},
      {"SELECT 7 DIV 2 MOD 3 % 4 / 5", "SELECT (((7 DIV 2) % 3) % 4) / 5"},
      {"SELECT NOT a = b", "SELECT NOT (`a` = `b`)"},
      {"SELECT !a = b", "SELECT (NOT `a`) = `b`"},
      {"SELECT a = b IS NULL", "SELECT (`a` = `b`) IS NULL"},
      {"SELECT a AND b OR c XOR d && e || f",
       "SELECT (`a` AND `b`) OR (`c` XOR (`d` AND `e`)) OR `f`"},
      {"SELECT a BETWEEN 1 AND 2 AND c", "SELECT (`a` BETWEEN 1 AND 2) AND `c`"},
      {"SELECT a NOT LIKE 'x' ESCAPE '|' = b", "SELECT (`a` NOT LIKE 'x' ESCAPE '|') = `b`"},
      {"SELECT -a COLLATE utf8mb4_bin", "SELECT - (`a` COLLATE `utf8mb4_bin`)"},
      {"SELECT BINARY a = b", "SELECT CAST(`a` AS BINARY) = `b`"},
      {"SELECT a IN (1, 2) IS NOT TRUE", "SELECT (`a` IN (1, 2)) IS NOT TRUE"},
      {"SELECT a <=> b <> c != d >= e", "SELECT (((`a` <=> `b`) <> `c`) <> `d`) >= `e`"},
      {"SELECT @a := 1 OR 2", "SELECT @`a` := (1 OR 2)"},
      {"SELECT 1 - INTERVAL 1 DAY", "SELECT DATE_SUB(1, INTERVAL 1 DAY)"},
      {"SELECT a RLIKE 'x', a SOUNDS LIKE b", "SELECT `a` REGEXP 'x', SOUNDEX(`a`) = SOUNDEX(`b`)"},
  });
}

TEST(SqlParse, LiteralsAndNames) {
  expect_all({
      {"SELECT 'a' 'b'\n\"c\"", "SELECT 'abc'"},
      {"SELECT 'it''s', \"it''s\", \"say \"\"x\"\"\", 'a\\nb\\%\\q\\0'",
       "SELECT 'it\\'s', 'it\\'\\'s', 'say \"x\"', 'a\\nb\\\\%q\\0'"},
      {"SELECT x'4d', 0x4D4, X'', b'101', 0b1, N'n', _latin1'l', _binary 0x41",
       "SELECT x'4D', x'04D4', x'', b'00000101', b'00000001', _utf8mb3 'n', _latin1 'l', "
       "_binary x'41'"},
      {"SELECT 1, 1., .5, 1e5, 1.5E-3", "SELECT 1, 1., .5, 1e5, 1.5E-3"},
      {"SELECT 1a, a1, $, _x, `a b`, `c``d`, Grün FROM 2t",
       "SELECT `1a`, `a1`, `$`, `_x`, `a b`, `c``d`, `Grün` FROM `2t`"},
      {"SELECT t.select, d.t.1, select.t, status FROM d.table",
       "SELECT `t`.`select`, `d`.`t`.`1`, `select`.`t`, `status` FROM `d`.`table`"},
      {"SELECT @a, @'b c', @`d`, @@x, @@GLOBAL.x, @@local.y, @@hot.key_buffer_size",
       "SELECT @`a`, @`b c`, @`d`, @@`x`, @@global.`x`, @@session.`y`, @@`hot`.`key_buffer_size`"},
      {"SELECT DATE '2020-01-01', TIME'1:2', timestamp '1', date, time AS t",
       "SELECT DATE '2020-01-01', TIME '1:2', TIMESTAMP '1', `date`, `time` AS `t`"},
      {"SELECT count FROM t", "SELECT `count` FROM `t`"},
      {"SELECT a 'text', b AS \"quoted\", c d",
       "SELECT `a` AS `text`, `b` AS `quoted`, `c` AS `d`"},
  });
}

TEST(SqlParse, Comments) {
  expect_all({
      {"SELECT 1 # to the end\n+ 2 -- and\n/* a ** / * */+ 3", "SELECT (1 + 2) + 3"},
      {"SELECT 1--1", "SELECT 1 - (- 1)"},
      {"SELECT /*! 1 + */ /*!50000 2 + */ /*!080034 3 + */ /*!99999 /* x */ ( */ 4",
       "SELECT ((1 + 2) + 3) + 4"},
      {"SELECT /*+ NO_ICP(t) */ 1 /*M!100100 + 2 */", "SELECT 1"},
      {"SELECT 2*/*x*/3", "SELECT 2 * 3"},
      {"SELECT 1 --", "SELECT 1"},
  });
}

TEST(SqlParse, FunctionsOfTheirOwnSyntax) {
  expect_all({
      {"SELECT TRIM(a), TRIM(' ' FROM b), TRIM(LEADING FROM c), TRIM(TRAILING 'x' FROM d)",
       "SELECT TRIM(`a`), TRIM(BOTH ' ' FROM `b`), TRIM(LEADING  FROM `c`), "
       "TRIM(TRAILING 'x' FROM `d`)"},
      {"SELECT SUBSTR(a FROM 2 FOR 3), MID(a, 2), POSITION('x' IN a)",
       "SELECT SUBSTRING(`a`, 2, 3), SUBSTRING(`a`, 2), LOCATE('x', `a`)"},
      {"SELECT EXTRACT(DAY_HOUR FROM a), TIMESTAMPDIFF (MONTH, a, b), ADDDATE(a, 3)",
       "SELECT EXTRACT(DAY_HOUR FROM `a`), TIMESTAMPDIFF(MONTH, `a`, `b`), "
       "DATE_ADD(`a`, INTERVAL 3 DAY)"},
      {"SELECT CONVERT(a USING latin1), CONVERT(a, CHAR(3) CHARACTER SET ascii), CAST(a AS "
       "DECIMAL(5,2))",
       "SELECT CONVERT(`a` USING `latin1`), CAST(`a` AS CHAR(3) CHARACTER SET `ascii`), "
       "CAST(`a` AS DECIMAL(5, 2))"},
      {"SELECT CURRENT_TIMESTAMP, NOW(6), LOCALTIME(), CURRENT_DATE, CURTIME(3), CURRENT_USER",
       "SELECT NOW(), NOW(6), NOW(), CURDATE(), CURTIME(3), CURRENT_USER()"},
      {"SELECT COUNT(*), COUNT(DISTINCT a, b), SUM(ALL a), STD(a), GROUP_CONCAT(DISTINCT a, b "
       "ORDER "
       "BY c DESC SEPARATOR '-')",
       "SELECT COUNT(*), COUNT(DISTINCT `a`, `b`), SUM(`a`), STDDEV_POP(`a`), "
       "GROUP_CONCAT(DISTINCT `a`, `b` ORDER BY `c` DESC SEPARATOR '-')"},
      {"SELECT IF(a, b, c), LEFT(a, 1), REPLACE(a, b, c), INSERT(a, 1, 2, b), CHAR(77 USING "
       "utf8mb4), DATABASE(), d.f(1)",
       "SELECT IF(`a`, `b`, `c`), LEFT(`a`, 1), REPLACE(`a`, `b`, `c`), INSERT(`a`, 1, 2, `b`), "
       "CHAR(77 USING `utf8mb4`), DATABASE(), `d`.`f`(1)"},
  });
}

TEST(SqlParse, QueriesAndTheirParentheses) {
  expect_all({
      {"((SELECT 1))", "SELECT 1"},
      {"(SELECT 1 ORDER BY 1) LIMIT 2", "(SELECT 1 ORDER BY 1) LIMIT 2"},
      {"SELECT 1 UNION SELECT 2 UNION ALL (SELECT 3 LIMIT 1) ORDER BY 1 LIMIT 1, 2",
       "SELECT 1 UNION SELECT 2 UNION ALL (SELECT 3 LIMIT 1) ORDER BY 1 LIMIT 1, 2"},
      {"SELECT ((SELECT 1)) + 1, (SELECT 1, 2) = (1, 2), a = SOME (SELECT 1)",
       "SELECT (SELECT 1) + 1, (SELECT 1, 2) = ROW(1, 2), `a` = ANY (SELECT 1)"},
      {"SELECT * FROM a JOIN b JOIN c ON x ON y",
       "SELECT * FROM `a` JOIN (`b` JOIN `c` ON `x`) ON "
       "`y`"},
      {"SELECT * FROM a, b LEFT JOIN c USING (i), (d, e)",
       "SELECT * FROM `a`, `b` LEFT JOIN `c` USING (`i`), `d` JOIN `e`"},
      {"SELECT q.* FROM (SELECT 1) q (x) STRAIGHT_JOIN t USE KEY (PRIMARY) FORCE INDEX (a, b)",
       "SELECT `q`.* FROM (SELECT 1) AS `q` (`x`) STRAIGHT_JOIN `t` USE INDEX (`PRIMARY`) FORCE "
       "INDEX (`a`, `b`)"},
      {"SELECT SQL_NO_CACHE DISTINCT a FROM t WHERE b GROUP BY a, c WITH ROLLUP HAVING d ORDER BY "
       "a "
       "DESC, b LIMIT 3 OFFSET 4 FOR UPDATE OF t SKIP LOCKED",
       "SELECT DISTINCT `a` FROM `t` WHERE `b` GROUP BY `a`, `c` WITH ROLLUP HAVING `d` ORDER BY "
       "`a` DESC, `b` LIMIT 4, 3 FOR UPDATE OF `t` SKIP LOCKED"},
      {"SELECT a FROM t LOCK IN SHARE MODE", "SELECT `a` FROM `t` FOR SHARE"},
      {"SELECT 1 FROM DUAL WHERE 1 INTO @a, @b", "SELECT 1 WHERE 1 INTO @`a`, @`b`"},
  });
}

TEST(SqlParse, ChangesOfRows) {
  expect_all({
      {"INSERT t VALUE (), (1, DEFAULT)", "INSERT INTO `t` VALUES (), (1, DEFAULT)"},
      {"INSERT LOW_PRIORITY IGNORE INTO d.t (a, b) SELECT 1, 2 ON DUPLICATE KEY UPDATE a = "
       "VALUES(a), b = DEFAULT",
       "INSERT IGNORE INTO `d`.`t` (`a`, `b`) SELECT 1, 2 ON DUPLICATE KEY UPDATE `a` = "
       "VALUES(`a`), `b` = DEFAULT"},
      {"REPLACE t SET a = 1, b := 2", "REPLACE INTO `t` (`a`, `b`) VALUES (1, 2)"},
      {"INSERT INTO t (SELECT 1)", "INSERT INTO `t` SELECT 1"},
      {"UPDATE IGNORE t SET a = a + 1 WHERE b ORDER BY c LIMIT 2",
       "UPDATE IGNORE `t` SET `a` = `a` + 1 WHERE `b` ORDER BY `c` LIMIT 2"},
      {"DELETE QUICK FROM t AS x WHERE a LIMIT 1", "DELETE FROM `t` AS `x` WHERE `a` LIMIT 1"},
      {"DELETE FROM a.*, b USING a JOIN b WHERE 1", "DELETE `a`, `b` FROM `a` JOIN `b` WHERE 1"},
  });
}

TEST(SqlParse, Definitions) {
  expect_all({
      {"CREATE SCHEMA IF NOT EXISTS d DEFAULT CHARACTER SET = utf8mb4 COLLATE utf8mb4_bin",
       "CREATE DATABASE IF NOT EXISTS `d` CHARACTER SET `utf8mb4` COLLATE `utf8mb4_bin`"},
      // As sysbench sends it.
      {"CREATE TABLE sbtest1(id INTEGER NOT NULL AUTO_INCREMENT, k INTEGER DEFAULT '0' NOT NULL, c "
       "CHAR(120) DEFAULT '' NOT NULL, PRIMARY KEY (id)) /*! ENGINE = innodb */",
       "CREATE TABLE `sbtest1` (`id` INT NOT NULL AUTO_INCREMENT, `k` INT NOT NULL DEFAULT '0', "
       "`c` "
       "CHAR(120) NOT NULL DEFAULT '', PRIMARY KEY (`id`)) ENGINE `innodb`"},
      {"CREATE TABLE t (a BIGINT(20) UNSIGNED ZEROFILL, b DEC(5,2), c REAL, d BOOL, e NUMERIC, "
       "f CHARACTER VARYING(9) CHARSET latin1 NOT NULL COLLATE latin1_bin, g TIMESTAMP(6) DEFAULT "
       "CURRENT_TIMESTAMP(6) ON UPDATE NOW(6), h ENUM('x','y'), i INT DEFAULT (1+1) COMMENT 'c')",
       "CREATE TABLE `t` (`a` BIGINT(20) UNSIGNED ZEROFILL, `b` DECIMAL(5, 2), `c` DOUBLE, `d` "
       "TINYINT(1), `e` DECIMAL, `f` VARCHAR(9) CHARACTER SET `latin1` COLLATE `latin1_bin` NOT "
       "NULL, `g` TIMESTAMP(6) DEFAULT NOW(6) ON UPDATE NOW(6), `h` ENUM('x', 'y'), `i` INT "
       "DEFAULT "
       "(1 + 1) COMMENT 'c')"},
      {"CREATE TABLE t (a INT PRIMARY KEY, b INT UNIQUE, KEY (a DESC, b(3)), UNIQUE INDEX u USING "
       "BTREE (a), CONSTRAINT c UNIQUE (b), CONSTRAINT f FOREIGN KEY (a) REFERENCES u (b) ON "
       "DELETE "
       "CASCADE, CHECK (a > 0)) ENGINE=InnoDB, AUTO_INCREMENT=7 COMMENT='x' ROW_FORMAT=DYNAMIC",
       "CREATE TABLE `t` (`a` INT PRIMARY KEY, `b` INT UNIQUE KEY, KEY (`a` DESC, `b`(3)), UNIQUE "
       "KEY `u` (`a`), UNIQUE KEY `c` (`b`), CONSTRAINT `f` FOREIGN KEY (`a`) REFERENCES `u` (`b`) "
       "ON DELETE CASCADE, CHECK (`a` > 0)) ENGINE `InnoDB` AUTO_INCREMENT 7 COMMENT 'x' "
       "ROW_FORMAT DYNAMIC"},
      {"CREATE TEMPORARY TABLE t (LIKE d.u)", "CREATE TEMPORARY TABLE `t` LIKE `d`.`u`"},
      {"CREATE TABLE t SELECT 1 AS a", "CREATE TABLE `t` AS SELECT 1 AS `a`"},
      {"ALTER TABLE t ADD a INT FIRST, ADD COLUMN (b INT, KEY (b)), DROP c, DROP INDEX i, DROP "
       "PRIMARY KEY, MODIFY d INT AFTER e, CHANGE f g INT, ALTER h SET DEFAULT -1, ALTER h DROP "
       "DEFAULT, RENAME TO u, RENAME COLUMN a TO b, RENAME INDEX i TO j, ENGINE=InnoDB, "
       "ALGORITHM=INPLACE, LOCK=NONE",
       "ALTER TABLE `t` ADD COLUMN `a` INT FIRST, ADD COLUMN `b` INT, ADD KEY (`b`), DROP COLUMN "
       "`c`, DROP KEY `i`, DROP PRIMARY KEY, CHANGE COLUMN `d` `d` INT AFTER `e`, CHANGE COLUMN "
       "`f` "
       "`g` INT, ALTER COLUMN `h` SET DEFAULT (- 1), ALTER COLUMN `h` DROP DEFAULT, RENAME TO `u`, "
       "RENAME COLUMN `a` TO `b`, RENAME KEY `i` TO `j`, ENGINE `InnoDB`, ALGORITHM INPLACE, LOCK "
       "NONE"},
      {"ALTER TABLE `t` DISABLE KEYS", "ALTER TABLE `t` DISABLE KEYS"},
      {"CREATE UNIQUE INDEX i ON t (a, b DESC) ALGORITHM = INPLACE",
       "CREATE UNIQUE INDEX `i` ON `t` (`a`, `b` DESC) ALGORITHM INPLACE"},
      {"DROP INDEX i ON t", "DROP INDEX `i` ON `t`"},
      {"DROP TABLE IF EXISTS a, d.b CASCADE", "DROP TABLE IF EXISTS `a`, `d`.`b`"},
      {"TRUNCATE t", "TRUNCATE TABLE `t`"},
      {"RENAME TABLE a TO b, c TO d.e", "RENAME TABLE `a` TO `b`, `c` TO `d`.`e`"},
      {"DROP DATABASE d", "DROP DATABASE `d`"},
  });
}

TEST(SqlParse, Transactions) {
  expect_all({
      {"BEGIN", "START TRANSACTION"},
      {"START TRANSACTION /*!40100 WITH CONSISTENT SNAPSHOT */",
       "START TRANSACTION WITH CONSISTENT SNAPSHOT"},
      {"START TRANSACTION READ ONLY, WITH CONSISTENT SNAPSHOT",
       "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"},
      {"COMMIT WORK AND NO CHAIN RELEASE", "COMMIT AND NO CHAIN RELEASE"},
      {"ROLLBACK TO a", "ROLLBACK TO SAVEPOINT `a`"},
      {"ROLLBACK TO SAVEPOINT savepoint", "ROLLBACK TO SAVEPOINT `savepoint`"},
      {"RELEASE SAVEPOINT a", "RELEASE SAVEPOINT `a`"},
      {"SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE",
       "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE"},
      {"LOCK TABLES a READ LOCAL, b AS c WRITE", "LOCK TABLES `a` READ LOCAL, `b` AS `c` WRITE"},
      {"UNLOCK TABLES", "UNLOCK TABLES"},
      {"FLUSH /*!40101 LOCAL */ TABLES", "FLUSH LOCAL TABLES"},
      {"FLUSH TABLES WITH READ LOCK", "FLUSH TABLES WITH READ LOCK"},
      {"FLUSH BINARY LOGS, STATUS", "FLUSH BINARY LOGS, STATUS"},
  });
}

TEST(SqlParse, TheServerAndItsVariables) {
  expect_all({
      {"/*!40100 SET @@SQL_MODE='' */", "SET @@`sql_mode` = ''"},
      {"SET AUTOCOMMIT = 0, GLOBAL x = ON, @@session.y := DEFAULT, @a = 1, NAMES latin1 COLLATE "
       "latin1_bin, SESSION transaction_isolation = 'x'",
       "SET @@`autocommit` = 0, @@global.`x` = ON, @@session.`y` = DEFAULT, @`a` = 1, NAMES "
       "`latin1` COLLATE `latin1_bin`, @@session.`transaction_isolation` = 'x'"},
      {"show /*!50002 GLOBAL */ status", "SHOW GLOBAL STATUS"},
      {"SHOW FULL COLUMNS IN t FROM d LIKE 'a%'", "SHOW FULL COLUMNS FROM `d`.`t` LIKE 'a%'"},
      {"DESC t", "SHOW COLUMNS FROM `t`"},
      {"SHOW TABLES FROM d WHERE 1", "SHOW TABLES FROM `d` WHERE 1"},
      {"SHOW VARIABLES LIKE 'SERVER_ID'", "SHOW VARIABLES LIKE 'SERVER_ID'"},
      {"SHOW CREATE DATABASE IF NOT EXISTS d", "SHOW CREATE DATABASE IF NOT EXISTS `d`"},
      {"SHOW ENGINE INNODB STATUS", "SHOW ENGINE `INNODB` STATUS"},
      {"SHOW COUNT(*) WARNINGS", "SHOW COUNT(*) WARNINGS"},
      {"SHOW GRANTS FOR a@b", "SHOW GRANTS FOR 'a'@'b'"},
      {"SHOW MASTER LOGS", "SHOW BINARY LOGS"},
      {"SHOW BINLOG EVENTS IN 'f' FROM 4 LIMIT 2", "SHOW BINLOG EVENTS IN 'f' FROM 4 LIMIT 2"},
      {"EXPLAIN SELECT 1", "EXPLAIN SELECT 1"},
      {"EXPLAIN FORMAT=json UPDATE t SET a = 1", "EXPLAIN FORMAT = `JSON` UPDATE `t` SET `a` = 1"},
      {"KILL 5", "KILL CONNECTION 5"},
      {"KILL QUERY @a", "KILL QUERY @`a`"},
      {"USE d", "USE `d`"},
      {"PREPARE s FROM 'SELECT ?'", "PREPARE `s` FROM 'SELECT ?'"},
      {"EXECUTE s USING @a", "EXECUTE `s` USING @`a`"},
      {"DROP PREPARE s", "DEALLOCATE PREPARE `s`"},
      {"ANALYZE LOCAL TABLE t", "ANALYZE NO_WRITE_TO_BINLOG TABLE `t`"},
  });
}

TEST(SqlParse, ReplicationAndAccounts) {
  expect_all({
      {"CHANGE MASTER TO MASTER_HOST='h', MASTER_PORT=1, MASTER_AUTO_POSITION=1",
       "CHANGE REPLICATION SOURCE TO `SOURCE_HOST` = 'h', `SOURCE_PORT` = 1, "
       "`SOURCE_AUTO_POSITION` = 1"},
      {"START SLAVE IO_THREAD, SQL_THREAD", "START REPLICA IO_THREAD, SQL_THREAD"},
      {"STOP REPLICA FOR CHANNEL 'c'", "STOP REPLICA FOR CHANNEL 'c'"},
      {"RESET SLAVE /*!50516 ALL */", "RESET REPLICA ALL"},
      {"RESET MASTER", "RESET MASTER"},
      {"PURGE MASTER LOGS TO 'f'", "PURGE BINARY LOGS TO 'f'"},
      {"CREATE USER IF NOT EXISTS 'a'@'10.%' IDENTIFIED WITH mysql_native_password BY 'p', b "
       "ACCOUNT "
       "LOCK",
       "CREATE USER IF NOT EXISTS 'a'@'10.%' IDENTIFIED WITH `mysql_native_password` BY 'p', "
       "'b'@'%' ACCOUNT LOCK"},
      {"ALTER USER CURRENT_USER() IDENTIFIED BY 'p'", "ALTER USER CURRENT_USER IDENTIFIED BY 'p'"},
      {"GRANT SELECT (a, b), REPLICATION SLAVE, ALL PRIVILEGES ON d.* TO a@b WITH GRANT OPTION",
       "GRANT SELECT (`a`, `b`), REPLICATION SLAVE, ALL ON `d`.* TO 'a'@'b' WITH GRANT OPTION"},
      {"REVOKE ALL PRIVILEGES, GRANT OPTION FROM a", "REVOKE ALL, GRANT OPTION FROM 'a'@'%'"},
      {"GRANT USAGE ON *.* TO a", "GRANT USAGE ON *.* TO 'a'@'%'"},
      {"SET PASSWORD FOR a = 'p'", "SET PASSWORD FOR 'a'@'%' = 'p'"},
  });
}

TEST(SqlParse, ModesChangeTheLexer) {
  ParseOptions ansi;
  ansi.ansi_quotes = true;
  EXPECT_EQ(canonical("SELECT \"a\"\"b\\\" FROM \"d\".\"t\"", ansi),
            "SELECT `a\"b\\` FROM `d`.`t`");
  ParseOptions plain;
  plain.no_backslash_escapes = true;
  EXPECT_EQ(canonical("SELECT 'a\\', \"\\n\"", plain), "SELECT 'a\\\\', '\\\\n'");
  ParseOptions pipes;
  pipes.pipes_as_concat = true;
  EXPECT_EQ(canonical("SELECT a || b || c = d", pipes),
            "SELECT CONCAT(CONCAT(`a`, `b`), `c`) = `d`");
  ParseOptions spaces;
  spaces.ignore_space = true;
  EXPECT_EQ(canonical("SELECT COUNT (*)", spaces), "SELECT COUNT(*)");
}

TEST(SqlParse, SyntaxErrorsShowWhereTheyAre) {
  EXPECT_EQ(canonical("SELECT FROM t"), near("FROM t"));
  EXPECT_EQ(canonical("SELECT 1,\n2\n3 4 x"), near("3 4 x", 3));
  EXPECT_EQ(canonical("SELECT 'abc"), near("'abc"));
  EXPECT_EQ(canonical("SELECT (1"), near(""));
  EXPECT_EQ(canonical("nonsense"), near("nonsense"));
  EXPECT_EQ(canonical("] x"), near("] x"));
  EXPECT_EQ(canonical("SELECT x'abc'"), near("x'abc'"));
  EXPECT_EQ(canonical("SELECT 1 /* open"), near("/* open"));
  EXPECT_EQ(canonical("SELECT /*! 1"), near(""));
  EXPECT_EQ(canonical("SELECT COUNT (*) FROM t"), near("*) FROM t"));
  EXPECT_EQ(canonical("SELECT select FROM t"), near("select FROM t"));
  EXPECT_EQ(canonical("SELECT 1; SELECT 2"), near("SELECT 2"));
  EXPECT_EQ(canonical("SELECT " + std::string(200, '!')), near(""));
  EXPECT_EQ(canonical("SELECT ] " + std::string(78, 'x')), near("] " + std::string(78, 'x')));
  EXPECT_EQ(canonical("SELECT ] " + std::string(79, 'x')), near("] " + std::string(78, 'x')));
  EXPECT_EQ(canonical("REPLACE t VALUES (1) ON DUPLICATE KEY UPDATE a = 1"),
            near("ON DUPLICATE KEY UPDATE a = 1"));
}

TEST(SqlParse, OtherErrors) {
  for (const char* text : {"", " ", ";", "-- nothing", "/* nothing */ ;", "#"}) {
    EXPECT_EQ(canonical(text), "1065/42000 Query was empty") << text;
  }
  EXPECT_EQ(canonical("CREATE VIEW v AS SELECT 1"),
            "1235/42000 This version of MySQL doesn't yet support 'CREATE VIEW'");
  EXPECT_EQ(canonical("CREATE TABLE t (a INT) PARTITION BY HASH (a)"),
            "1235/42000 This version of MySQL doesn't yet support 'PARTITION BY'");
  EXPECT_EQ(canonical("SELECT `a\xff`"), "1300/HY000 Invalid utf8mb4 character string: 'FF'");
  EXPECT_EQ(canonical("SELECT " + std::string(65, 'x')),
            "1059/42000 Identifier name '" + std::string(65, 'x') + "' is too long");
}

TEST(SqlParse, StatementsAreTakenOneByOne) {
  ParseOptions options;
  options.multi_statements = true;
  const std::string text = "SELECT ';'; -- a;\nSELECT 2 ;; SELECT";
  std::string_view rest = text;
  std::vector<std::string> seen;
  while (!rest.empty()) {
    const auto result = sql::parse(rest, options);
    const auto* parsed = std::get_if<Parsed>(&result);
    if (parsed == nullptr) {
      seen.push_back("error " + std::to_string(std::get<SqlError>(result).number));
      break;
    }
    seen.push_back(sql::to_sql(parsed->statement));
    rest.remove_prefix(parsed->length);
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"SELECT ';'", "SELECT 2", "error 1065"}));
}

TEST(SqlParse, ParametersCountByTheText) {
  const auto result = sql::parse("SELECT ? + INTERVAL ? DAY, INTERVAL ? HOUR + ? LIMIT ? OFFSET ?");
  ASSERT_TRUE(std::holds_alternative<Parsed>(result));
  EXPECT_EQ(std::get<Parsed>(result).parameters, 6u);
  const auto again = sql::parse(sql::to_sql(std::get<Parsed>(result).statement));
  EXPECT_EQ(std::get<Parsed>(again).statement, std::get<Parsed>(result).statement);
}

// Reserved words are no names, and the others are.
TEST(SqlParse, WhatMySqlReservesIsReserved) {
  for (const char* word : {"accessible", "lateral", "rank", "select", "zerofill", "over", "mod"}) {
    EXPECT_TRUE(canonical(std::string("SELECT * FROM ") + word).starts_with("1064")) << word;
  }
  for (const char* word : {"status", "date", "timestamp", "offset", "master", "names", "value",
                           "begin", "end", "user", "no", "global", "count", "escape", "any"}) {
    EXPECT_EQ(canonical(std::string("SELECT ") + word + " FROM " + word),
              std::string("SELECT `") + word + "` FROM `" + word + "`");
  }
}

}  // namespace
}  // namespace aftersync
