// Options: files and command lines become values, and what is wrong is said with its place.
#include "core/server/option_sources.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "core/server/account_book.h"
#include "core/server/option_help.h"

namespace aftersync::server {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class FakeFiles : public ConfigFiles {
 public:
  Result<std::string> read(const std::string& path) override {
    const auto found = files.find(path);
    if (found == files.end()) return {Code::not_found, "no " + path};
    return found->second;
  }
  Result<std::vector<std::string>> list(const std::string& directory) override {
    std::vector<std::string> names;
    for (const auto& [path, text] : files) {
      if (path.starts_with(directory + "/")) names.push_back(path.substr(directory.size() + 1));
    }
    return names;
  }
  std::string home() override { return "/home-of-test"; }

  std::map<std::string, std::string> files;
};

class Options : public testing::Test {
 protected:
  // The error's message, or nothing.
  std::string apply(std::vector<std::string> arguments) {
    const auto options = read_start_options(files_, arguments);
    if (!options.ok()) return std::string(options.status().message());
    auto warned = apply_settings(options->settings, variables_);
    if (!warned.ok()) return std::string(warned.status().message());
    warnings_ = *std::move(warned);
    return {};
  }
  std::string apply_file(const std::string& text) {
    files_.files["f"] = text;
    return apply({"--defaults-file=f"});
  }

  FakeFiles files_;
  GlobalVariables variables_;
  std::vector<std::string> warnings_;
};

TEST_F(Options, LaterPlacesWin) {
  files_.files["/etc/my.cnf"] = "[mysqld]\nport=1\nwait_timeout=1\nlong_query_time=1\n";
  files_.files["/etc/mysql/my.cnf"] = "[server]\nport=2\nwait_timeout=2\n!includedir /etc/d\n";
  files_.files["/etc/d/b.cnf"] = "[mysqld]\nserver-id=8\n";
  files_.files["/etc/d/a.cnf"] = "[mysqld]\nserver-id=7\nread_only\n";
  files_.files["/etc/d/c.txt"] = "[mysqld]\nno such\n";
  files_.files["/home-of-test/.my.cnf"] = "[client]\nport=9\n[mysqld-8.0]\nport=3\n";
  EXPECT_EQ(apply({"--wait-timeout", "4", "--skip-networking", "--skip-read-only"}), "");
  EXPECT_EQ(variables_.number(Option::port), 3u);
  EXPECT_EQ(variables_.number(Option::wait_timeout), 4u);
  EXPECT_EQ(variables_.text(Option::long_query_time), "1.000000");
  EXPECT_EQ(variables_.number(Option::server_id), 8u);
  EXPECT_TRUE(variables_.flag(Option::skip_networking));
  EXPECT_FALSE(variables_.flag(Option::read_only));
  EXPECT_THAT(warnings_, IsEmpty());
}

TEST_F(Options, NoDefaultsReadsNothing) {
  files_.files["/etc/my.cnf"] = "[mysqld]\nno_such_option\n";
  EXPECT_EQ(apply({"--no-defaults", "-P", "17", "-uann"}), "");
  EXPECT_EQ(variables_.number(Option::port), 17u);
  EXPECT_EQ(variables_.text(Option::user), "ann");
  EXPECT_THAT(apply({"--port=1"}), HasSubstr("/etc/my.cnf:2: unknown option 'no_such_option'"));
}

TEST_F(Options, GroupsOfASuffixCount) {
  files_.files["f"] = "[mysqld]\nport=1\n[mysqld_b]\nport=2\n[mysqld_c]\nport=3\n";
  EXPECT_EQ(apply({"--defaults-file=f", "--defaults-group-suffix=_b"}), "");
  EXPECT_EQ(variables_.number(Option::port), 2u);
}

TEST_F(Options, ValuesAsPeopleWriteThem) {
  EXPECT_EQ(apply_file("[mysqld]\n"
                       "  innodb-buffer-pool-size = 2G  # comment\n"
                       "; another\n"
                       "tmpdir = 'a # \\t\\\\ b'\n"
                       "SQL_MODE = \"traditional\"\n"
                       "transaction-isolation = read-committed\n"
                       "character-set-server=UTF8\r\n"
                       "socket=\n"),
            "");
  EXPECT_EQ(variables_.number(Option::innodb_buffer_pool_size), uint64_t{2} << 30);
  EXPECT_EQ(variables_.text(Option::tmpdir), "a # \t\\ b");
  EXPECT_EQ(variables_.text(Option::sql_mode),
            "STRICT_TRANS_TABLES,STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,"
            "ERROR_FOR_DIVISION_BY_ZERO,TRADITIONAL,NO_ENGINE_SUBSTITUTION");
  EXPECT_EQ(variables_.text(Option::transaction_isolation), "READ-COMMITTED");
  EXPECT_EQ(variables_.text(Option::character_set_server), "utf8mb3");
  EXPECT_EQ(variables_.text(Option::socket), "");
}

TEST_F(Options, OutOfRangeIsClippedAndSaid) {
  EXPECT_EQ(apply_file("[mysqld]\nmax_connections=0\nloose-no-such=1\nport=-5\n"
                       "innodb_lock_wait_timeout=99999999999999999999\n"),
            "");
  EXPECT_EQ(variables_.number(Option::max_connections), 1u);
  EXPECT_EQ(variables_.number(Option::port), 0u);
  EXPECT_EQ(variables_.number(Option::innodb_lock_wait_timeout), 1073741824u);
  ASSERT_EQ(warnings_.size(), 4u);
  EXPECT_EQ(warnings_[0], "f:2: option 'max_connections': 0 adjusted to 1");
  EXPECT_EQ(warnings_[1], "f:3: unknown option 'loose-no-such' is left out");
}

TEST_F(Options, ErrorsNameTheirPlace) {
  const std::pair<const char*, const char*> cases[] = {
      {"server_uuid=x", "f:2: unknown option 'server_uuid'"},
      {"port=1K2", "f:2: option 'port' needs a whole number, perhaps with K, M, G or T"},
      {"port=", "f:2: option 'port' needs a whole number"},
      {"innodb_page_size=4K", ""},
      {"long_query_time=1s", "f:2: option 'long_query_time' needs a number"},
      {"enable-port=1", "f:2: unknown option 'enable-port'"},
      {"!include f", "f:2: f:2: f:2:"},
      {"[unfinished", "f:2: a group without ]"},
      {"default_storage_engine=MyISAM", "f:2: option 'default_storage_engine' needs one of InnoDB"},
  };
  for (const auto& [line, error] : cases) {
    EXPECT_THAT(apply_file(std::string("[mysqld]\n") + line + "\n"), StartsWith(error)) << line;
  }
  EXPECT_THAT(apply({"--defaults-file=none"}), HasSubstr("no none"));
  EXPECT_THAT(apply({"--no-defaults", "word"}), HasSubstr("what is 'word'?"));
  EXPECT_THAT(apply({"--no-defaults", "-Z"}), HasSubstr("what is '-Z'?"));
  EXPECT_THAT(apply({"--port=1", "--no-defaults"}), HasSubstr("unknown option 'no-defaults'"));
}

// What a value prints as is read as the same value.
TEST_F(Options, EveryDefaultReadsBack) {
  for (const OptionSpec& spec : option_specs()) {
    const auto parsed = parse_option(spec, spec.initial);
    ASSERT_TRUE(parsed.ok()) << spec.name;
    const std::string text = option_text(spec, parsed->value);
    EXPECT_EQ(parse_option(spec, text)->value, parsed->value) << spec.name;
    EXPECT_THAT(usage_text(true), HasSubstr(std::string(spec.help))) << spec.name;
  }
}

TEST(Pattern, MatchesAsHostsAndDatabasesDo) {
  const std::tuple<const char*, const char*, bool> cases[] = {
      {"", "", true},
      {"", "%", true},
      {"a", "", false},
      {"abc", "a%", true},
      {"abc", "%c", true},
      {"abc", "a_c", true},
      {"abc", "a%b", false},
      {"aXbXb", "a%b", true},
      {"a_c", "a\\_c", true},
      {"abc", "a\\_c", false},
      {"10.1.2.3", "10.%", true},
      {"abc", "____", false},
      {"mississippi", "m%iss%p_", true},
  };
  for (const auto& [text, pattern, matches] : cases) {
    EXPECT_EQ(matches_pattern(text, pattern, false), matches) << text << " like " << pattern;
  }
  EXPECT_TRUE(matches_pattern("LocalHost", "localhost", true));
  EXPECT_FALSE(matches_pattern("Db", "db", false));
}

}  // namespace
}  // namespace aftersync::server
