// Functions that choose among their arguments (MySQL manual 14.5, 14.4.2).
#include "core/sql/eval/compare.h"
#include "core/sql/eval/function_table.h"
#include "core/sql/eval/types.h"

namespace aftersync::sql {

namespace {

Value choose_if(const BoundExpr& self, EvalContext& context) {
  const Value condition = self.arg(0, context);
  const bool holds = !is_null(condition) && to_truth(condition, context.diagnostics);
  const BoundExpr& chosen = self.args[holds ? 1 : 2];
  return converted(chosen.evaluate(context), chosen.type, self.type, context);
}

Value coalesce(const BoundExpr& self, EvalContext& context) {
  for (const BoundExpr& arg : self.args) {
    Value value = arg.evaluate(context);
    if (!is_null(value)) return converted(std::move(value), arg.type, self.type, context);
  }
  return {};
}

Value null_if(const BoundExpr& self, EvalContext& context) {
  Value a = self.arg(0, context);
  const Value b = self.arg(1, context);
  if (is_null(a) || is_null(b)) return a;
  const TypeInfo& left = self.args[0].type;
  const TypeInfo& right = self.args[1].type;
  const auto order =
      compare_values(compare_mode(left, right), joint_collation(left, right), a, b, context);
  if (order && *order == 0) return {};
  return a;
}

Value is_null_test(const BoundExpr& self, EvalContext& context) {
  return int64_t{is_null(self.arg(0, context))};
}

template <int wanted>
Value extreme(const BoundExpr& self, EvalContext& context) {
  Value best;
  TypeInfo common = common_type(self.args);
  for (size_t i = 0; i < self.args.size(); ++i) {
    Value value = self.arg(i, context);
    if (is_null(value)) return {};
    value = converted(std::move(value), self.args[i].type, common, context);
    if (is_null(value)) return {};
    if (i > 0) {
      const auto order =
          compare_values(compare_mode(common, common), common.collation, value, best, context);
      if (!order || *order * wanted <= 0) continue;
    }
    best = std::move(value);
  }
  return best;
}

// FIELD: the number of the argument that equals the first.
Value field(const BoundExpr& self, EvalContext& context) {
  const Value wanted = self.arg(0, context);
  if (is_null(wanted)) return int64_t{0};
  const TypeInfo common = common_type(self.args);
  for (size_t i = 1; i < self.args.size(); ++i) {
    const Value value = self.arg(i, context);
    if (is_null(value)) continue;
    const TypeInfo& type = self.args[i].type;
    const bool all_text = common.type == TypeClass::string && type.type == TypeClass::string &&
                          self.args[0].type.type == TypeClass::string;
    const CompareMode mode = all_text ? compare_mode(self.args[0].type, type)
                             : common.type == TypeClass::integer ? CompareMode::integer
                             : common.type == TypeClass::decimal ? CompareMode::decimal
                                                                 : CompareMode::real;
    const auto order =
        compare_values(mode, joint_collation(self.args[0].type, type), wanted, value, context);
    if (order && *order == 0) return static_cast<int64_t>(i);
  }
  return int64_t{0};
}

TypeInfo if_of(const std::vector<BoundExpr>& args) { return common_type(args, 1); }
TypeInfo all_of(const std::vector<BoundExpr>& args) { return common_type(args); }
TypeInfo first_of(const std::vector<BoundExpr>& args) { return args[0].type; }
TypeInfo integer_of(const std::vector<BoundExpr>& /*args*/) { return integer_type(); }

constexpr FunctionSpec kFunctions[] = {
    {"COALESCE", 1, 255, all_of, coalesce},   {"FIELD", 2, 255, integer_of, field},
    {"GREATEST", 2, 255, all_of, extreme<1>}, {"IF", 3, 3, if_of, choose_if},
    {"IFNULL", 2, 2, all_of, coalesce},       {"ISNULL", 1, 1, integer_of, is_null_test},
    {"LEAST", 2, 255, all_of, extreme<-1>},   {"NULLIF", 2, 2, first_of, null_if},
};

}  // namespace

std::span<const FunctionSpec> control_functions() { return kFunctions; }

}  // namespace aftersync::sql
