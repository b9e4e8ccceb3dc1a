// Box<T>: a T on the heap that behaves as a value: copied, compared and destroyed with its owner.
//
// Syntax trees are recursive, and plain structs with value semantics are the simplest thing to
// test, print and shrink. An empty Box stands for what a statement leaves out.
#pragma once

#include <memory>
#include <utility>

#include "core/base/check.h"

namespace aftersync::sql {

template <typename T>
class Box {
 public:
  Box() = default;
  explicit Box(T value) : held_(std::make_unique<T>(std::move(value))) {}
  Box(const Box& other) : held_(other.held_ ? std::make_unique<T>(*other.held_) : nullptr) {}
  Box& operator=(const Box& other) {
    if (this != &other) held_ = other.held_ ? std::make_unique<T>(*other.held_) : nullptr;
    return *this;
  }
  Box(Box&&) noexcept = default;
  Box& operator=(Box&&) noexcept = default;
  ~Box() = default;

  [[nodiscard]] explicit operator bool() const { return held_ != nullptr; }
  // CHECK fails when the box is empty.
  [[nodiscard]] T& operator*() {
    CHECK(held_ != nullptr);
    return *held_;
  }
  [[nodiscard]] const T& operator*() const {
    CHECK(held_ != nullptr);
    return *held_;
  }
  [[nodiscard]] T* operator->() { return &**this; }
  [[nodiscard]] const T* operator->() const { return &**this; }

  // Both empty, or equal values.
  friend bool operator==(const Box& a, const Box& b) {
    if (!a.held_ || !b.held_) return !a.held_ && !b.held_;
    return *a.held_ == *b.held_;
  }

 private:
  std::unique_ptr<T> held_;
};

}  // namespace aftersync::sql
