// aftersync-sql: the SQL front end without a server. Reads statements, one a line, and prints what
// they are.
//
//   aftersync-sql parse    each statement as canonical SQL, or its error: ERROR 1064 (42000): ...
//
// Exit status: 0, whatever the statements are; 2 bad usage.
#include <cstdio>
#include <iostream>
#include <string>

#include "core/sql/parser/parse.h"
#include "core/sql/print/print.h"

namespace {

std::string shown(const std::string& line) {
  const auto result = aftersync::sql::parse(line);
  if (const auto* error = std::get_if<aftersync::sql::SqlError>(&result)) {
    return "ERROR " + std::to_string(error->number) + " (" + error->sqlstate +
           "): " + error->message;
  }
  return aftersync::sql::to_sql(std::get<aftersync::sql::Parsed>(result).statement);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 || std::string(argv[1]) != "parse") {
    std::fprintf(stderr, "usage: aftersync-sql parse <STATEMENTS\n");
    return 2;
  }
  std::string line;
  while (std::getline(std::cin, line)) std::cout << shown(line) << "\n";
  return 0;
}
