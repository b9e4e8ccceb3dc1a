// aftersync-sql: the SQL front end without a server. Reads one text a line, and
// prints what it is.
//
//   aftersync-sql parse    statements as canonical SQL, or ERROR 1064 (42000):
//   ... aftersync-sql eval     expressions as their class and value, or error
//   1690 (evaluate_text.h)
//
// Exit status: 0, whatever the texts are; 2 bad usage.
#include <cstdio>
#include <iostream>
#include <string>

#include "core/sql/parser/parse.h"
#include "core/sql/print/print.h"
#include "proptests/sql/evaluate_text.h"

namespace {

std::string parsed(const std::string& line) {
  const auto result = aftersync::sql::parse(line);
  if (const auto* error = std::get_if<aftersync::sql::SqlError>(&result)) {
    return "ERROR " + std::to_string(error->number) + " (" + error->sqlstate +
           "): " + error->message;
  }
  return aftersync::sql::to_sql(std::get<aftersync::sql::Parsed>(result).statement);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string command = argc == 2 ? argv[1] : "";
  if (command != "parse" && command != "eval") {
    std::fprintf(stderr, "usage: aftersync-sql parse|eval <TEXTS\n");
    return 2;
  }
  std::string line;
  while (std::getline(std::cin, line)) {
    std::cout << (command == "parse" ? parsed(line) : aftersync::evaluate_text(line)) << "\n";
  }
  return 0;
}
