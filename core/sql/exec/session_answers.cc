// Each answer is a line or two.
#include "core/sql/exec/session_answers.h"

#include <algorithm>

#include "core/sql/exec/session.h"

namespace aftersync::sql {

namespace {

std::string lower(std::string_view name) {
  std::string made(name);
  std::transform(made.begin(), made.end(), made.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  });
  return made;
}

}  // namespace

uint64_t SessionAnswers::connection_id() const { return session_.identity_.connection_id; }
std::string SessionAnswers::user() const { return session_.identity_.user; }
std::string SessionAnswers::current_user() const { return session_.identity_.account; }
std::string SessionAnswers::database() const { return session_.database_; }

void SessionAnswers::set_last_insert_id(uint64_t id) {
  last_insert_id_ = id;
  next_insert_id_ = id;
}

TypedValue SessionAnswers::user_variable(std::string_view name) const {
  const auto it = variables_.find(lower(name));
  return it == variables_.end() ? TypedValue() : it->second;
}

void SessionAnswers::set_user_variable(std::string_view name, TypedValue value) {
  variables_.insert_or_assign(lower(name), std::move(value));
}

std::variant<TypedValue, SqlError> SessionAnswers::system_variable(const SystemVariable& name) {
  if (session_.services_.variables == nullptr) {
    return make_error(ErrorName::unknown_system_variable, {name.name});
  }
  return session_.services_.variables->get(name);
}

const TypedValue* SessionAnswers::parameter(uint32_t index) const {
  if (describing_) return &unknown_;
  return index < parameters_.size() ? &parameters_[index] : nullptr;
}

int32_t SessionAnswers::zone_offset_s() const { return session_.settings_.time_zone_offset_s; }

int64_t SessionAnswers::wall_micros() {
  const Duration since_epoch = session_.dictionary_.node().clock().wall_now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(since_epoch).count();
}

// 53 bits: what a double between 0 and 1 can tell apart.
double SessionAnswers::uniform() {
  return static_cast<double>(session_.dictionary_.node().rng().next() >> 11) * 0x1.0p-53;
}

std::string SessionAnswers::uuid() { return session_.dictionary_.node().rng().uid().to_string(); }

// In slices, so that a kill is noticed.
bool SessionAnswers::sleep(double seconds) {
  constexpr double kSlice = 0.1;
  for (double left = seconds; left > 0; left -= kSlice) {
    if (session_.killed_.load(std::memory_order_relaxed)) return true;
    const auto slice = std::chrono::duration<double>(std::min(left, kSlice));
    const Status slept =
        session_.dictionary_.node().tasks().sleep_for(std::chrono::duration_cast<Duration>(slice));
    if (!slept.ok()) return true;
  }
  return session_.killed_.load(std::memory_order_relaxed);
}

void SessionAnswers::end_statement(int64_t row_count) {
  row_count_ = row_count;
  if (next_insert_id_ != 0) last_insert_id_ = next_insert_id_;
  parameters_ = {};
}

void SessionAnswers::forget() {
  variables_.clear();
  last_insert_id_ = 0;
  row_count_ = -1;
  found_rows_ = 0;
}

}  // namespace aftersync::sql
