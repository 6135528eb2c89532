// The lexer: tokens, strings, numerals, lines, and the errors that only it can find.
#include "compiler/lexer.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>

#include "vm/vm.hpp"

namespace selvage {
namespace {

struct VmDeleter {
  void operator()(VM* vm) const { destroyVM(vm); }
};
using VmPointer = std::unique_ptr<VM, VmDeleter>;

struct Lexed {
  std::vector<Token> tokens;  // without the Eof
  std::vector<uint32_t> lines;
  std::vector<std::string> strings;
  std::vector<Value> numbers;
  std::string error;
};

Lexed lex(std::string_view source) {
  const VmPointer vm(newVM());
  Lexed result;
  Text error(*vm);
  Lexer lexer(*vm, source, "=chunk", error);
  for (lexer.next(); lexer.token() != Token::Eof; lexer.next()) {
    result.tokens.push_back(lexer.token());
    result.lines.push_back(lexer.line());
    if (lexer.token() == Token::String || lexer.token() == Token::Name) {
      result.strings.emplace_back(lexer.string()->view());
    }
    if (lexer.token() == Token::Number) result.numbers.push_back(lexer.number());
  }
  result.error = error;
  REQUIRE(lexer.hasFailed() == !result.error.empty());
  return result;
}

std::string stringOf(std::string_view source) {
  const Lexed lexed = lex(source);
  INFO(source << " " << lexed.error);
  REQUIRE(lexed.tokens == std::vector<Token>{Token::String});
  return lexed.strings[0];
}

Value numberOf(std::string_view source) {
  const Lexed lexed = lex(source);
  INFO(source << " " << lexed.error);
  REQUIRE(lexed.tokens == std::vector<Token>{Token::Number});
  return lexed.numbers[0];
}

TEST_CASE("every token is read back from its own text", "[lexer]") {
  for (uint32_t i = static_cast<uint32_t>(Token::And); i < tokenCount; ++i) {
    const auto token = static_cast<Token>(i);
    const std::string quoted = tokenName(token);
    const std::string text = quoted.substr(1, quoted.size() - 2);
    INFO(text);
    CHECK(lex(text).tokens == std::vector<Token>{token});
    CHECK(lex(text + " " + text).tokens == std::vector<Token>{token, token});
    if (token <= Token::While) {
      CHECK(lex(text + "x").tokens == std::vector<Token>{Token::Name});
      CHECK(lex(text.substr(0, text.size() - 1) + "_").tokens == std::vector<Token>{Token::Name});
    }
  }
  CHECK(tokenName(Token::Eof) == "<eof>");
  CHECK(tokenName(Token::Name) == "<name>");
}

TEST_CASE("operators are as long as possible", "[lexer]") {
  CHECK(lex("a<<=b").tokens == std::vector<Token>{Token::Name, Token::ShiftLeft, Token::Assign, Token::Name});
  CHECK(lex("~==").tokens == std::vector<Token>{Token::NotEqual, Token::Assign});
  CHECK(lex("....").tokens == std::vector<Token>{Token::TripleDot, Token::Dot});
  CHECK(lex(":::").tokens == std::vector<Token>{Token::DoubleColon, Token::Colon});
  CHECK(lex("///").tokens == std::vector<Token>{Token::DoubleSlash, Token::Slash});
  CHECK(lex("a@").tokens == std::vector<Token>{Token::Name, Token::Unknown});
}

TEST_CASE("short strings and their escapes", "[lexer]") {
  CHECK(stringOf(R"("it's")") == "it's");
  CHECK(stringOf(R"('say "hi"')") == "say \"hi\"");
  CHECK(stringOf(R"("\a\b\f\n\r\t\v\\\"\'")") == "\a\b\f\n\r\t\v\\\"'");
  CHECK(stringOf(R"("\65\066\0677")") == "ABC7");
  CHECK(stringOf(R"("a\0b")") == std::string("a\0b", 3));
  CHECK(stringOf(R"("\x41\x7a\xfF")") == "Az\xFF");
  CHECK(stringOf("\"one\\z  \t\r\n\n  two\"") == "onetwo");
  CHECK(stringOf("\"one\\\r\ntwo\\\n\"") == "one\ntwo\n");
  CHECK(stringOf(R"("\u{0}\u{7F}")") == std::string("\0\x7F", 2));
  CHECK(stringOf(R"("\u{80}\u{7FF}")") == "\xC2\x80\xDF\xBF");
  CHECK(stringOf(R"("\u{20aC}\u{FFFF}")") == "\xE2\x82\xAC\xEF\xBF\xBF");
  CHECK(stringOf(R"("\u{10FFFF}")") == "\xF4\x8F\xBF\xBF");
  CHECK(stringOf(R"("\u{200000}\u{4000000}")") == "\xF8\x88\x80\x80\x80\xFC\x84\x80\x80\x80\x80");
  CHECK(stringOf(R"("\u{7FFFFFFF}")") == "\xFD\xBF\xBF\xBF\xBF\xBF");
}

TEST_CASE("long strings", "[lexer]") {
  CHECK(stringOf("[[]]").empty());
  CHECK(stringOf("[[\nline]]") == "line");
  CHECK(stringOf("[[\n\nline\n]]") == "\nline\n");
  CHECK(stringOf("[==[a]]b]=]c]==]") == "a]]b]=]c");
  CHECK(stringOf("[=[]]]=]") == "]]");
  CHECK(stringOf("[[a\\n]]") == "a\\n");
  CHECK(stringOf("[[a\r\nb\n\rc\rd\ne\r\rf]]") == "a\nb\nc\nd\ne\n\nf");
}

TEST_CASE("equal strings are one object, short or long", "[lexer]") {
  const VmPointer vm(newVM());
  const std::string longText(100, 'x');
  const std::string source = longText + " '" + longText + "' [[" + longText + "]] '" + longText + "y'";
  Text error(*vm);
  Lexer lexer(*vm, source, "=chunk", error);
  lexer.next();
  String* const first = lexer.string();
  lexer.next();
  CHECK(lexer.string() == first);
  lexer.next();
  CHECK(lexer.string() == first);
  lexer.next();
  CHECK(lexer.string() != first);
}

TEST_CASE("numerals", "[lexer]") {
  const auto isInteger = [](std::string_view source, int64_t expected) {
    const Value number = numberOf(source);
    INFO(source);
    CHECK(number.isInteger());
    CHECK(number.integer() == expected);
  };
  const auto isFloat = [](std::string_view source, double expected) {
    const Value number = numberOf(source);
    INFO(source);
    CHECK(number.isFloat());
    CHECK(number.number() == expected);
  };
  isInteger("0", 0);
  isInteger("007", 7);
  isInteger("999999999999999999", 999999999999999999);
  isInteger("9223372036854775807", INT64_MAX);
  isFloat("9223372036854775808", 9223372036854775808.0);
  isFloat("1000000000000000000000", 1e21);
  isInteger("0xff", 255);
  isInteger("0XfFfFfFfFfFfFfFfF", -1);
  isInteger("0x123456789abcdef01", 0x23456789abcdef01);
  isFloat("1.", 1);
  isFloat(".5", 0.5);
  isFloat("3e2", 300);
  isFloat("3E-2", 0.03);
  isFloat("0x.8p1", 1);
  isFloat("0xA.8", 10.5);
  isFloat("0x1P-2", 0.25);
  CHECK(lex("3-4").tokens.size() == 3);
  CHECK(lex("0xe+1").tokens.size() == 3);
}

TEST_CASE("lines count every kind of line ending once", "[lexer]") {
  CHECK(lex("a\nb\rc\r\nd\n\re\n\nf\r\rg").lines == std::vector<uint32_t>{1, 2, 3, 4, 5, 7, 9});
  CHECK(lex("--[[\n\n]] a --[==[\n]]\n]==] b -- c\nd").lines == std::vector<uint32_t>{3, 5, 6});
  CHECK(lex("'a\\\nb' c\n[[\n\n]] d").lines == std::vector<uint32_t>{2, 2, 5, 5});
}

TEST_CASE("looking ahead changes nothing", "[lexer]") {
  const VmPointer vm(newVM());
  Text error(*vm);
  Lexer lexer(*vm, "a = 1", "=chunk", error);
  lexer.next();
  CHECK(lexer.lookAhead() == Token::Assign);
  CHECK(lexer.lookAhead() == Token::Assign);
  CHECK(lexer.token() == Token::Name);
  CHECK(lexer.string()->view() == "a");
  lexer.next();
  CHECK(lexer.token() == Token::Assign);
  lexer.next();
  CHECK(lexer.token() == Token::Number);
  CHECK(lexer.lookAhead() == Token::Eof);
}

TEST_CASE("errors of the lexer", "[lexer]") {
  const auto fails = [](std::string_view source, std::string_view message) { CHECK(lex(source).error == message); };
  fails("\n'abc", "chunk:2: unfinished string near <eof>");
  fails("'abc\n'", "chunk:1: unfinished string near ''abc'");
  fails("\"a\\qb\"", "chunk:1: invalid escape sequence near '\"a\\q'");
  fails("'\\xg'", "chunk:1: hexadecimal digit expected near ''\\xg'");
  fails("'\\300'", "chunk:1: decimal escape too large near ''\\300''");
  fails("'\\u{80000000}'", "chunk:1: UTF-8 value too large near ''\\u{80000000'");
  fails("'\\u41'", "chunk:1: missing '{' near ''\\u4'");
  fails("'\\u{41'", "chunk:1: missing '}' near ''\\u{41''");
  fails("\n[[\n", "chunk:3: unfinished long string (starting at line 2) near <eof>");
  fails("--[[", "chunk:1: unfinished long comment (starting at line 1) near <eof>");
  fails("[==x", "chunk:1: invalid long string delimiter near '[=='");
  fails("3x", "chunk:1: malformed number near '3x'");
  fails("0x", "chunk:1: malformed number near '0x'");
  fails(".0x1", "chunk:1: malformed number near '.0x1'");
  fails("1e+", "chunk:1: malformed number near '1e+'");
}

}  // namespace
}  // namespace selvage
