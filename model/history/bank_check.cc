// The bank: transfers move money between accounts, so every read of all accounts shows the same
// total, the same accounts, and none below zero (a transfer refuses to overdraw).
//
// The state at the start is that of bank/accounts; without it, that of the first read answered.
#include <map>
#include <optional>

#include "model/history/call_value.h"
#include "model/history/workloads.h"

namespace aftersync::model {

namespace {

using Accounts = std::map<std::string, int64_t>;

Result<Accounts> accounts_of(const Call& call) {
  ASSIGN_OR_RETURN(const nlohmann::json value, result_of(call));
  if (!value.is_object()) return call_error(call.complete_line, "expected {account: balance}");
  Accounts accounts;
  for (const auto& [name, balance] : value.items()) {
    if (!is_integer(balance)) return call_error(call.complete_line, "a balance is an integer");
    accounts[name] = balance.get<int64_t>();
  }
  return accounts;
}

__int128 total_of(const Accounts& accounts) {
  __int128 total = 0;
  for (const auto& [name, balance] : accounts) total += balance;
  return total;
}

std::string text_of(__int128 number) {
  std::string digits;
  const bool negative = number < 0;
  do {
    const int digit = static_cast<int>(number % 10);
    digits.insert(digits.begin(), static_cast<char>('0' + (digit < 0 ? -digit : digit)));
    number /= 10;
  } while (number != 0);
  return negative ? "-" + digits : digits;
}

bool same_names(const Accounts& a, const Accounts& b) {
  if (a.size() != b.size()) return false;
  for (const auto& [name, balance] : a) {
    if (!b.contains(name)) return false;
  }
  return true;
}

void check_read(const Call& call, const Accounts& expected, const Accounts& shown,
                Findings& findings) {
  const std::string start = "A read (" + call_place(call) + ") shows ";
  if (!same_names(expected, shown)) {
    findings.add_text(Anomaly::bank_accounts, start + std::to_string(shown.size()) +
                                                  " accounts, other than the " +
                                                  std::to_string(expected.size()) + " there are.");
  }
  if (total_of(shown) != total_of(expected)) {
    findings.add_text(Anomaly::bank_total, start + "a total of " + text_of(total_of(shown)) +
                                               " instead of " + text_of(total_of(expected)) + ".");
  }
  for (const auto& [name, balance] : shown) {
    if (balance >= 0) continue;
    findings.add_text(Anomaly::bank_negative,
                      start + "account " + name + " at " + std::to_string(balance) + ".");
  }
}

}  // namespace

Status check_bank(const History& history, Findings& findings) {
  std::optional<Accounts> expected;
  for (const Call* call : calls_of(history, "bank/accounts")) {
    if (call->outcome != Completion::ok) continue;
    if (expected) return call_error(call->invoke_line, "a second bank/accounts");
    ASSIGN_OR_RETURN(expected, accounts_of(*call));
  }
  const Call* first = nullptr;
  for (const Call* call : calls_of(history, "bank/read")) {
    if (call->outcome != Completion::ok) continue;
    if (first == nullptr || call->complete < first->complete) first = call;
  }
  if (first == nullptr) return Status();
  if (!expected) {
    ASSIGN_OR_RETURN(expected, accounts_of(*first));
  }
  for (const Call* call : calls_of(history, "bank/read")) {
    if (call->outcome != Completion::ok) continue;
    ASSIGN_OR_RETURN(const Accounts shown, accounts_of(*call));
    check_read(*call, *expected, shown, findings);
  }
  return Status();
}

}  // namespace aftersync::model
