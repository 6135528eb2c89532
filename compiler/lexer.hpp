// The lexer: source text to tokens.
//
// It also owns the compilation's error: the first failure is formatted in the reference's words and from then on
// every token is Eof, so that whatever loop the parser is in soon ends.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "vm/memory.hpp"
#include "vm/string.hpp"
#include "vm/value.hpp"

namespace selvage {

struct VM;

enum class Token : uint8_t {
  Eof,
  Name,
  String,
  Number,
  Unknown,  // a character that begins no token
  // Reserved words.
  And,
  Break,
  Do,
  Else,
  ElseIf,
  End,
  False,
  For,
  Function,
  Goto,
  If,
  In,
  Local,
  Nil,
  Not,
  Or,
  Repeat,
  Return,
  Then,
  True,
  Until,
  While,
  // Symbols.
  Plus,
  Minus,
  Star,
  Slash,
  DoubleSlash,
  Percent,
  Caret,
  Hash,
  Ampersand,
  Tilde,
  Pipe,
  ShiftLeft,
  ShiftRight,
  Equal,
  NotEqual,
  LessEqual,
  GreaterEqual,
  Less,
  Greater,
  Assign,
  LeftParenthesis,
  RightParenthesis,
  LeftBrace,
  RightBrace,
  LeftBracket,
  RightBracket,
  DoubleColon,
  Semicolon,
  Colon,
  Comma,
  Dot,
  DoubleDot,
  TripleDot,
};
constexpr uint32_t tokenCount = static_cast<uint32_t>(Token::TripleDot) + 1;

// As messages show it: 'while', '...', <eof>, <name>.
std::string tokenName(Token token);  // short enough to need no memory
// The words that are no names, in alphabetical order.
std::span<const char* const> reservedWords();
// Whether a text can stand where a name is wanted, as in t.text.
bool isName(std::string_view text);

class Lexer {
 public:
  Lexer(VM& vm, std::string_view source, std::string_view chunkName, Text& error);

  // ---- the current token ----
  Token token() const { return current.kind; }
  String* string() const { return current.string; }  // of a Name or String
  Value number() const { return current.number; }    // of a Number
  // Where reading has got to: the line on which the current token (or the one looked ahead to) ends.
  uint32_t line() const { return lineNumber; }
  // The line on which the token before the current one ended.
  uint32_t lastLine() const { return previousLine; }

  void next();
  Token lookAhead();  // the token after the current one

  // ---- errors: only the first one counts ----
  bool hasFailed() const { return failed; }
  // "chunk:line: message near token"
  void syntaxError(std::string_view message);
  // "chunk:line: message"
  void semanticError(std::string_view message);
  // The message alone.
  void plainError(std::string_view message);

  // The one String of this compilation with the given text.
  String* intern(std::string_view text);

 private:
  struct TokenData {
    Token kind = Token::Eof;
    uint8_t character = 0;        // of Unknown
    const char* start = nullptr;  // its text in the source
    const char* end = nullptr;
    String* string = nullptr;
    Value number = Value::nil();
  };

  void scan(TokenData& token);
  void scanName(TokenData& token);
  void scanNumber(TokenData& token);
  void scanShortString(TokenData& token);
  void scanEscape();
  void scanLongBracket(TokenData* token, const char* opening, size_t level);  // null: a comment
  void skipComment();
  void skipLineEnd();
  size_t longBracketLevel(const char* bracket, const char*& afterSequence) const;

  void errorNear(std::string_view message, std::string_view near);
  void escapeError(std::string_view message);
  int hexadecimalDigit();
  void scanDecimalEscape();
  void scanHexadecimalEscape();
  void scanUtf8Escape();
  Text describe(const TokenData& token) const;
  Text position() const;
  void record(std::string_view message);

  VM& vm;
  std::string_view chunkName;
  Text& error;
  const char* cursor;
  const char* end;
  uint32_t lineNumber = 1;
  uint32_t previousLine = 1;
  TokenData current;
  TokenData ahead;
  bool hasAhead = false;
  bool failed = false;
  uint32_t tokensRead = 0;
  Text buffer;  // a string with escapes, with its opening delimiter
  const char* escapeStart = nullptr;
  // Ordered, since a source could be written whose strings all meet in a hash table of the standard library.
  std::map<std::string_view, String*, std::less<>, Allocator<std::pair<const std::string_view, String*>>> longStrings;
};

}  // namespace selvage
