// Definitions as SQL.
#include "core/sql/print/printer.h"

namespace aftersync::sql {

namespace {

void print_parts(Printer& p, const IndexSpec& index) {
  p.raw(" (").list(index.parts, [&p](const IndexPart& part) {
    p.name(part.column);
    if (part.prefix_chars > 0) p.raw("(" + std::to_string(part.prefix_chars) + ")");
    if (part.descending) p.word("DESC");
  });
  p.raw(")");
  if (!index.comment.empty()) p.word("COMMENT ").text(index.comment);
}

std::string_view action_words(ReferenceAction action) {
  static constexpr std::string_view kWords[] = {"", "RESTRICT", "CASCADE", "SET NULL", "NO ACTION"};
  return kWords[static_cast<size_t>(action)];
}

// Elements of CREATE TABLE and of ALTER TABLE ... ADD.
class ElementPrinter {
 public:
  explicit ElementPrinter(Printer& printer) : p_(printer) {}

  void operator()(const ColumnSpec& c) {
    p_.name(c.name).raw(" ");
    p_.type(c.type);
    if (c.nullability == Nullability::null) p_.word("NULL");
    if (c.nullability == Nullability::not_null) p_.word("NOT NULL");
    if (c.default_value) {
      p_.word("DEFAULT ");
      constant(*c.default_value);
    }
    if (c.on_update) {
      p_.word("ON UPDATE ");
      p_.expr(*c.on_update);
    }
    if (c.auto_increment) p_.word("AUTO_INCREMENT");
    if (c.unique_key) p_.word("UNIQUE KEY");
    if (c.primary_key) p_.word("PRIMARY KEY");
    if (!c.comment.empty()) p_.word("COMMENT ").text(c.comment);
  }
  void operator()(const IndexSpec& index) {
    static constexpr std::string_view kKinds[] = {"KEY", "UNIQUE KEY", "PRIMARY KEY"};
    p_.raw(kKinds[static_cast<size_t>(index.kind)]);
    if (!index.name.empty()) p_.raw(" ").name(index.name);
    print_parts(p_, index);
  }
  void operator()(const ForeignKeySpec& key) {
    if (!key.name.empty()) p_.raw("CONSTRAINT ").name(key.name).raw(" ");
    p_.raw("FOREIGN KEY (").names(key.columns).raw(") REFERENCES ");
    p_.table(key.table);
    p_.raw(" (").names(key.referenced).raw(")");
    if (key.on_delete != ReferenceAction::unspecified) {
      p_.word("ON DELETE").word(action_words(key.on_delete));
    }
    if (key.on_update != ReferenceAction::unspecified) {
      p_.word("ON UPDATE").word(action_words(key.on_update));
    }
  }
  void operator()(const CheckSpec& check) {
    if (!check.name.empty()) p_.raw("CONSTRAINT ").name(check.name).raw(" ");
    p_.raw("CHECK (");
    p_.expr(*check.condition);
    p_.raw(")");
  }
  // A default: a literal, perhaps with a sign, and NOW() may stand alone; others need parentheses.
  void constant(const Expr& expr) {
    const auto* unary = std::get_if<Unary>(&expr.node);
    const auto* call = std::get_if<Call>(&expr.node);
    const bool plain = std::holds_alternative<Literal>(expr.node) ||
                       (unary != nullptr && unary->op == UnaryOp::minus &&
                        std::holds_alternative<Literal>(unary->operand->node)) ||
                       (call != nullptr && call->name == "NOW");
    if (!plain) p_.raw("(");
    p_.expr(expr);
    if (!plain) p_.raw(")");
  }

 private:
  Printer& p_;
};

void print_place(Printer& p, const ColumnPlace& place) {
  if (place.first) p.word("FIRST");
  if (!place.after.empty()) p.word("AFTER ").name(place.after);
}

class ActionPrinter {
 public:
  explicit ActionPrinter(Printer& printer) : p_(printer), element_(printer) {}

  void operator()(const AddColumn& a) {
    p_.raw("ADD COLUMN ");
    element_(a.column);
    print_place(p_, a.place);
  }
  void operator()(const ChangeColumn& a) {
    p_.raw("CHANGE COLUMN ").name(a.old_name).raw(" ");
    element_(a.column);
    print_place(p_, a.place);
  }
  void operator()(const RenameColumn& a) {
    p_.raw("RENAME COLUMN ").name(a.from).raw(" TO ").name(a.to);
  }
  void operator()(const AlterDefault& a) {
    p_.raw("ALTER COLUMN ").name(a.column);
    if (!a.value) {
      p_.raw(" DROP DEFAULT");
      return;
    }
    p_.raw(" SET DEFAULT (");
    p_.expr(*a.value);
    p_.raw(")");
  }
  void operator()(const AddIndex& a) { add(a.index); }
  void operator()(const AddForeignKey& a) { add(a.key); }
  void operator()(const AddCheck& a) { add(a.check); }
  void operator()(const DropElement& a) {
    static constexpr std::string_view kWhat[] = {"DROP COLUMN ", "DROP KEY ", "DROP PRIMARY KEY",
                                                 "DROP FOREIGN KEY ", "DROP CHECK "};
    p_.raw(kWhat[static_cast<size_t>(a.what)]);
    if (a.what != DropWhat::primary_key) p_.name(a.name);
  }
  void operator()(const RenameIndex& a) {
    p_.raw("RENAME KEY ").name(a.from).raw(" TO ").name(a.to);
  }
  void operator()(const RenameTo& a) {
    p_.raw("RENAME TO ");
    p_.table(a.name);
  }
  void operator()(const EnableKeys& a) { p_.raw(a.enable ? "ENABLE KEYS" : "DISABLE KEYS"); }
  void operator()(const SetTableOptions& a) { p_.options(a.options); }

 private:
  template <typename Element>
  void add(const Element& element) {
    p_.raw("ADD ");
    element_(element);
  }

  Printer& p_;
  ElementPrinter element_;
};

}  // namespace

void Printer::type(const ColumnTypeSpec& type) {
  word(to_string(type.name));
  if (type.length >= 0) {
    raw("(" + std::to_string(type.length));
    if (type.scale >= 0) raw(", " + std::to_string(type.scale));
    raw(")");
  }
  if (!type.values.empty()) {
    raw("(").list(type.values, [this](const std::string& one) { text(one); }).raw(")");
  }
  if (type.is_unsigned) word("UNSIGNED");
  if (type.zerofill) word("ZEROFILL");
  if (type.binary_collation) word("BINARY");
  if (!type.charset.empty()) word("CHARACTER SET ").name(type.charset);
  if (!type.collation.empty()) word("COLLATE ").name(type.collation);
}

void Printer::statement(const CreateDatabase& s) {
  word(s.if_not_exists ? "CREATE DATABASE IF NOT EXISTS " : "CREATE DATABASE ").name(s.name);
  options(s.options);
}

void Printer::statement(const AlterDatabase& s) {
  word("ALTER DATABASE ").name(s.name);
  options(s.options);
}

void Printer::statement(const DropDatabase& s) {
  word(s.if_exists ? "DROP DATABASE IF EXISTS " : "DROP DATABASE ").name(s.name);
}

void Printer::statement(const CreateTable& s) {
  word(s.temporary ? "CREATE TEMPORARY TABLE " : "CREATE TABLE ");
  if (s.if_not_exists) word("IF NOT EXISTS ");
  table(s.name);
  if (!s.like.table.empty()) {
    word("LIKE ");
    table(s.like);
    return;
  }
  if (!s.elements.empty()) {
    raw(" (").list(s.elements, [this](const TableElement& element) {
      std::visit(ElementPrinter(*this), element);
    });
    raw(")");
  }
  options(s.options);
  if (s.query) {
    word("AS ");
    query(*s.query);
  }
}

void Printer::statement(const DropTable& s) {
  word(s.temporary ? "DROP TEMPORARY TABLE" : "DROP TABLE");
  if (s.if_exists) word("IF EXISTS");
  raw(" ").list(s.names, [this](const TableName& name) { table(name); });
}

void Printer::statement(const TruncateTable& s) {
  word("TRUNCATE TABLE ");
  table(s.name);
}

void Printer::statement(const RenameTable& s) {
  word("RENAME TABLE ").list(s.renames, [this](const auto& rename) {
    table(rename.first);
    word("TO ");
    table(rename.second);
  });
}

void Printer::statement(const AlterTable& s) {
  word("ALTER TABLE ");
  table(s.name);
  raw(" ").list(s.actions,
                [this](const AlterAction& action) { std::visit(ActionPrinter(*this), action); });
}

void Printer::statement(const CreateIndex& s) {
  word(s.index.kind == IndexKind::unique ? "CREATE UNIQUE INDEX " : "CREATE INDEX ");
  name(s.index.name).raw(" ON ");
  table(s.table);
  print_parts(*this, s.index);
  options(s.options);
}

void Printer::statement(const DropIndex& s) {
  word("DROP INDEX ").name(s.name).raw(" ON ");
  table(s.table);
  options(s.options);
}

}  // namespace aftersync::sql
