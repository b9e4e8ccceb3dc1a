// Values of options while the server runs.
#include "core/server/variables.h"

#include <algorithm>

#include "core/base/check.h"

namespace aftersync::server {

namespace {

std::shared_ptr<const OptionValues> initial_values() {
  auto values = std::make_shared<OptionValues>();
  for (const OptionSpec& spec : option_specs()) {
    auto parsed = parse_option(spec, spec.initial);
    CHECK(parsed.ok() && !parsed->clipped);  // the table is wrong
    values->push_back(parsed->value);
  }
  return values;
}

}  // namespace

GlobalVariables::GlobalVariables() : values_(initial_values()) {}

std::shared_ptr<const OptionValues> GlobalVariables::all() const {
  const MutexLock lock(mutex_);
  return values_;
}

OptionValue GlobalVariables::get(Option option) const {
  return (*all())[static_cast<size_t>(option)];
}

uint64_t GlobalVariables::number(Option option) const { return std::get<uint64_t>(get(option)); }

std::string GlobalVariables::text(Option option) const {
  return option_text(spec_of(option), get(option));
}

void GlobalVariables::set(Option option, OptionValue value) {
  const MutexLock lock(mutex_);
  auto changed = std::make_shared<OptionValues>(*values_);
  (*changed)[static_cast<size_t>(option)] = std::move(value);
  values_ = std::move(changed);
}

const OptionValue& SessionVariables::get(Option option) const {
  if (!spec_of(option).has_session()) {
    current_ = globals_.get(option);
    return current_;
  }
  const auto found = std::ranges::find(own_, option, &std::pair<Option, OptionValue>::first);
  return found != own_.end() ? found->second : (*base_)[static_cast<size_t>(option)];
}

std::string SessionVariables::text(Option option) const {
  return option_text(spec_of(option), get(option));
}

void SessionVariables::set(Option option, OptionValue value) {
  CHECK(spec_of(option).has_session());
  const auto found = std::ranges::find(own_, option, &std::pair<Option, OptionValue>::first);
  if (found != own_.end()) {
    found->second = std::move(value);
  } else {
    own_.emplace_back(option, std::move(value));
  }
}

void SessionVariables::reset() {
  own_.clear();
  base_ = globals_.all();
}

}  // namespace aftersync::server
