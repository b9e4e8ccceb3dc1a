// Schedules for properties. RapidCheck leaves out steps while the property fails, and prints the
// script that is left, which any runner of scripts takes.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include <rapidcheck.h>

#include "model/txn/random_schedule.h"

namespace aftersync::model::txn {

struct GeneratedScript {
  Defaults settings;
  uint64_t number = 0;  // more chance for whoever needs it
  std::string text;
};

inline void showValue(const GeneratedScript& script, std::ostream& out) {
  out << "number " << script.number << ", script\n" << script.text;
}

// At any level, with snapshot isolation off or on, by the manual's rules.
inline rc::Gen<GeneratedScript> generated_script() {
  const auto make = [](uint64_t seed, uint64_t number, const std::vector<uint64_t>& steps) {
    const Defaults settings = {static_cast<Isolation>(number / 2 % 4), number % 2 == 1};
    return GeneratedScript{settings, number, RandomSchedule(seed, settings).script(steps, "")};
  };
  const auto any =
      rc::gen::noShrink(rc::gen::resize(rc::kNominalSize, rc::gen::arbitrary<uint64_t>()));
  const auto steps = rc::gen::container<std::vector<uint64_t>>(any);
  return rc::gen::apply(make, any, any, rc::gen::scale(0.3, steps));
}

}  // namespace aftersync::model::txn
