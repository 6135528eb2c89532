// The lexer.
#include "compiler/lexer.hpp"

#include <algorithm>
#include <array>
#include <climits>
#include <cstring>

#include "vm/bounds.hpp"
#include "vm/chunk_name.hpp"
#include "vm/format_text.hpp"
#include "vm/number.hpp"
#include "vm/vm.hpp"

namespace selvage {

namespace {
constexpr std::array<const char*, tokenCount> tokenTexts = {
    "<eof>", "<name>",   "<string>", "<number>", "",   "and",   "break", "do",  "else", "elseif", "end",    "false",
    "for",   "function", "goto",     "if",       "in", "local", "nil",   "not", "or",   "repeat", "return", "then",
    "true",  "until",    "while",    "+",        "-",  "*",     "/",     "//",  "%",    "^",      "#",      "&",
    "~",     "|",        "<<",       ">>",       "==", "~=",    "<=",    ">=",  "<",    ">",      "=",      "(",
    ")",     "{",        "}",        "[",        "]",  "::",    ";",     ":",   ",",    ".",      "..",     "..."};

enum CharacterClass : uint8_t { letterClass = 1, digitClass = 2, hexadecimalClass = 4, spaceClass = 8 };

// Bytes beyond ASCII belong to no class: names are ASCII, as in the reference's default build.
constexpr std::array<uint8_t, 256> makeClasses() {
  std::array<uint8_t, 256> classes{};
  for (int c = 'a'; c <= 'z'; ++c) classes[c] = classes[c - 'a' + 'A'] = letterClass;
  classes['_'] = letterClass;
  for (int c = '0'; c <= '9'; ++c) classes[c] = digitClass | hexadecimalClass;
  for (int c = 'a'; c <= 'f'; ++c) classes[c] |= hexadecimalClass, classes[c - 'a' + 'A'] |= hexadecimalClass;
  for (const char c : {' ', '\t', '\v', '\f', '\n', '\r'}) classes[static_cast<uint8_t>(c)] |= spaceClass;
  return classes;
}
constexpr std::array<uint8_t, 256> classes = makeClasses();

bool is(char c, int wanted) { return (classes[static_cast<uint8_t>(c)] & wanted) != 0; }
bool isLineEnd(char c) { return c == '\n' || c == '\r'; }

// Most names are told from all reserved words by their first letter and length.
Token reservedWord(std::string_view text) {
  const auto unless = [&](Token token) { return text == tokenTexts[static_cast<size_t>(token)] ? token : Token::Name; };
  if (text.size() < 2 || text.size() > 8) return Token::Name;
  switch (text[0]) {
    case 'a': return unless(Token::And);
    case 'b': return unless(Token::Break);
    case 'd': return unless(Token::Do);
    case 'e': return unless(text.size() == 3 ? Token::End : text.size() == 4 ? Token::Else : Token::ElseIf);
    case 'f': return unless(text.size() == 3 ? Token::For : text.size() == 5 ? Token::False : Token::Function);
    case 'g': return unless(Token::Goto);
    case 'i': return unless(text[1] == 'f' ? Token::If : Token::In);
    case 'l': return unless(Token::Local);
    case 'n': return unless(text[1] == 'i' ? Token::Nil : Token::Not);
    case 'o': return unless(Token::Or);
    case 'r': return unless(text.size() > 2 && text[2] == 'p' ? Token::Repeat : Token::Return);
    case 't': return unless(text[1] == 'h' ? Token::Then : Token::True);
    case 'u': return unless(Token::Until);
    case 'w': return unless(Token::While);
    default: return Token::Name;
  }
}

int hexadecimalValue(char c) { return is(c, digitClass) ? c - '0' : (c | 0x20) - 'a' + 10; }

void appendUtf8(Text& text, uint32_t codePoint) {
  if (codePoint < 0x80) {
    text.push_back(static_cast<char>(codePoint));
    return;
  }
  // Continuation bytes from the last one; the lead byte keeps one bit fewer for each of them.
  char bytes[6];
  int count = 0;
  uint32_t leadLimit = 0x3F;
  do {
    bytes[count++] = static_cast<char>(0x80 | (codePoint & 0x3F));
    codePoint >>= 6;
    leadLimit >>= 1;
  } while (codePoint > leadLimit);
  text.push_back(static_cast<char>((~leadLimit << 1) | codePoint));
  while (count > 0) text.push_back(bytes[--count]);
}
}  // namespace

std::string tokenName(Token token) {
  const char* text = tokenTexts[static_cast<size_t>(token)];
  return token <= Token::Number ? std::string(text) : std::string("'").append(text).append("'");
}

std::span<const char* const> reservedWords() {
  constexpr auto first = static_cast<size_t>(Token::And);
  constexpr auto last = static_cast<size_t>(Token::While);
  return std::span(tokenTexts).subspan(first, last - first + 1);
}

bool isName(std::string_view text) {
  if (text.empty() || !is(text[0], letterClass)) return false;
  const bool isOneWord = std::ranges::all_of(text, [](char c) { return is(c, letterClass | digitClass); });
  return isOneWord && reservedWord(text) == Token::Name;
}

Lexer::Lexer(VM& vm, std::string_view source, std::string_view chunkName, Text& error)
    : vm(vm),
      chunkName(chunkName),
      error(error),
      cursor(source.data()),
      end(source.data() + source.size()),
      buffer(vm),
      longStrings(vm) {}

void Lexer::next() {
  previousLine = lineNumber;
  constexpr uint32_t tokensBetweenLooks = 256;
  if (++tokensRead % tokensBetweenLooks == 0 && isStopRequested(vm)) plainError(stopMessage(vm));
  if (hasAhead) {
    current = ahead;
    hasAhead = false;
    return;
  }
  scan(current);
}

Token Lexer::lookAhead() {
  if (!hasAhead && !failed) {
    hasAhead = true;
    scan(ahead);
    if (failed) hasAhead = false;
  }
  return hasAhead ? ahead.kind : Token::Eof;
}

// ---- errors ----

Text Lexer::position() const { return formatText(vm, "{}:{}: ", displayName(chunkName).view(), lineNumber); }

void Lexer::record(std::string_view message) {
  if (failed) return;
  failed = true;
  error = message;
  cursor = end;
  hasAhead = false;
  current = {};
}

// The text of a token is shown up to its first NUL, as the reference does.
void Lexer::errorNear(std::string_view message, std::string_view near) {
  record(formatText(vm, "{}{} near {}", position(), message, near.substr(0, near.find('\0'))));
}

Text Lexer::describe(const TokenData& token) const {
  switch (token.kind) {
    case Token::Name:
    case Token::Number: {
      return formatText(vm, "'{}'", std::string_view(token.start, static_cast<size_t>(token.end - token.start)));
    }
    case Token::String: {
      const std::string_view contents = token.string->view();
      const std::string_view shown = contents.substr(0, contents.find('\0'));
      const char* afterBracket = token.start;
      if (*token.start == '[') longBracketLevel(token.start, afterBracket);
      const auto delimiterLength = static_cast<size_t>(afterBracket + 1 - token.start);
      const std::string_view opening(token.start, delimiterLength);
      const std::string_view closing(token.end - delimiterLength, delimiterLength);
      return formatText(vm, "'{}{}{}'", opening, shown, shown.size() == contents.size() ? closing : "");
    }
    case Token::Unknown:
      if (token.character > ' ' && token.character < 0x7F)
        return formatText(vm, "'{}'", static_cast<char>(token.character));
      return formatText(vm, "'<\\{}>'", token.character);
    default: return Text(tokenName(token.kind), vm);
  }
}

void Lexer::syntaxError(std::string_view message) {
  if (failed) return;
  // The reference cannot tell a NUL from "no token".
  if (current.kind == Token::Unknown && current.character == 0) return semanticError(message);
  errorNear(message, describe(current));
}

void Lexer::semanticError(std::string_view message) {
  if (!failed) record(position().append(message));
}

void Lexer::plainError(std::string_view message) { record(message); }

// ---- names and strings ----

String* Lexer::intern(std::string_view text) {
  if (text.size() <= maxShortLength) return newString(vm, text);
  const auto known = longStrings.find(text);
  if (known != longStrings.end()) return known->second;
  String* string = newString(vm, text);
  if (string == nullptr) {
    plainError("not enough memory");
    return vm.emptyString;
  }
  longStrings.emplace(string->view(), string);
  return string;
}

void Lexer::scanName(TokenData& token) {
  const char* p = cursor;
  while (p != end && is(*p, letterClass | digitClass)) ++p;
  const std::string_view text(cursor, static_cast<size_t>(p - cursor));
  cursor = p;
  token.kind = reservedWord(text);
  if (token.kind == Token::Name) token.string = intern(text);
}

// Takes everything that could belong to a numeral, and one letter that touches it, so that "3x" is one bad numeral
// (and so is ".0x1").
void Lexer::scanNumber(TokenData& token) {
  const char* p = cursor;
  uint64_t decimal = 0;
  while (p != end && is(*p, digitClass)) decimal = decimal * 10 + static_cast<uint64_t>(*p++ - '0');
  const auto digits = static_cast<size_t>(p - cursor);
  if (digits > 0 && digits < 19 && (p == end || (!is(*p, letterClass) && *p != '.'))) {
    cursor = p;
    token.kind = Token::Number;
    token.number = Value::integer(static_cast<int64_t>(decimal));
    return;
  }
  p = *cursor == '.' ? cursor + 1 : cursor;
  char exponent = 'e';
  if (*p == '0' && end - p > 1 && (p[1] | 0x20) == 'x') {
    exponent = 'p';
    p += 2;
  }
  while (p != end) {
    if ((*p | 0x20) == exponent) {
      ++p;
      if (p != end && (*p == '+' || *p == '-')) ++p;
    } else if (is(*p, hexadecimalClass) || *p == '.') {
      ++p;
    } else {
      break;
    }
  }
  if (p != end && is(*p, letterClass)) ++p;
  const std::string_view text(cursor, static_cast<size_t>(p - cursor));
  cursor = p;
  const std::optional<Value> value = parseNumber(text);
  if (!value) return errorNear("malformed number", formatText(vm, "'{}'", text));
  token.kind = Token::Number;
  token.number = *value;
}

void Lexer::skipLineEnd() {
  const char first = *cursor++;
  if (cursor != end && isLineEnd(*cursor) && *cursor != first) ++cursor;
  if (++lineNumber >= INT_MAX) semanticError("chunk has too many lines");
}

void Lexer::scanShortString(TokenData& token) {
  const char delimiter = *cursor;
  const char* p = cursor + 1;
  while (p != end && *p != delimiter && *p != '\\' && !isLineEnd(*p)) ++p;
  if (p != end && *p == delimiter) [[likely]] {
    token.string = intern({cursor + 1, static_cast<size_t>(p - cursor - 1)});
    token.kind = Token::String;
    cursor = p + 1;
    return;
  }
  buffer.assign(cursor, p);
  cursor = p;
  while (!failed) {
    p = cursor;
    while (p != end && *p != delimiter && *p != '\\' && !isLineEnd(*p)) ++p;
    buffer.append(cursor, p);
    cursor = p;
    if (p == end) return errorNear("unfinished string", tokenName(Token::Eof));
    if (isLineEnd(*p)) return errorNear("unfinished string", formatText(vm, "'{}'", buffer.c_str()));
    if (*p == delimiter) {
      ++cursor;
      token.string = intern(std::string_view(buffer).substr(1));
      token.kind = Token::String;
      return;
    }
    scanEscape();
  }
}

// At a backslash in a short string.
void Lexer::scanEscape() {
  escapeStart = cursor++;
  if (cursor == end) return errorNear("unfinished string", tokenName(Token::Eof));
  const char c = *cursor;
  switch (c) {
    case 'a': buffer.push_back('\a'); break;
    case 'b': buffer.push_back('\b'); break;
    case 'f': buffer.push_back('\f'); break;
    case 'n': buffer.push_back('\n'); break;
    case 'r': buffer.push_back('\r'); break;
    case 't': buffer.push_back('\t'); break;
    case 'v': buffer.push_back('\v'); break;
    case '\\':
    case '"':
    case '\'': buffer.push_back(c); break;
    case 'x': return scanHexadecimalEscape();
    case 'u': return scanUtf8Escape();
    case '\n':
    case '\r': buffer.push_back('\n'); return skipLineEnd();
    case 'z':
      ++cursor;
      while (cursor != end && is(*cursor, spaceClass)) {
        if (isLineEnd(*cursor)) {
          skipLineEnd();
        } else {
          ++cursor;
        }
      }
      return;
    default:
      if (!is(c, digitClass)) return escapeError("invalid escape sequence");
      return scanDecimalEscape();
  }
  ++cursor;
}

// Shows the string so far and the raw escape sequence up to the character that is wrong.
void Lexer::escapeError(std::string_view message) {
  if (failed) return;
  buffer.append(escapeStart, cursor == end ? cursor : cursor + 1);
  errorNear(message, formatText(vm, "'{}'", buffer.c_str()));
}

// Steps to the next character, which must be a digit; -1 after an error.
int Lexer::hexadecimalDigit() {
  ++cursor;
  if (cursor != end && is(*cursor, hexadecimalClass)) return hexadecimalValue(*cursor);
  escapeError("hexadecimal digit expected");
  return -1;
}

void Lexer::scanHexadecimalEscape() {
  const int high = hexadecimalDigit();
  if (failed) return;
  const int low = hexadecimalDigit();
  if (failed) return;
  buffer.push_back(static_cast<char>(high * 16 + low));
  ++cursor;
}

void Lexer::scanDecimalEscape() {
  int value = 0;
  for (int i = 0; i < 3 && cursor != end && is(*cursor, digitClass); ++i) value = value * 10 + (*cursor++ - '0');
  if (value > UCHAR_MAX) return escapeError("decimal escape too large");
  buffer.push_back(static_cast<char>(value));
}

void Lexer::scanUtf8Escape() {
  ++cursor;
  if (cursor == end || *cursor != '{') return escapeError("missing '{'");
  auto codePoint = static_cast<uint32_t>(hexadecimalDigit());
  if (failed) return;
  for (++cursor; cursor != end && is(*cursor, hexadecimalClass); ++cursor) {
    if (codePoint > (0x7FFFFFFFU >> 4)) return escapeError("UTF-8 value too large");
    codePoint = codePoint * 16 + static_cast<uint32_t>(hexadecimalValue(*cursor));
  }
  if (cursor == end || *cursor != '}') return escapeError("missing '}'");
  appendUtf8(buffer, codePoint);
  ++cursor;
}

// ---- long brackets and comments ----

// For "[", "=" signs and "[": the number of signs, with `after` at the second bracket. Without a second bracket: the
// number of signs plus `noBracket`, with `after` behind the signs.
namespace {
constexpr size_t noBracket = SIZE_MAX / 2;
}

size_t Lexer::longBracketLevel(const char* bracket, const char*& after) const {
  const char* p = bracket + 1;
  while (p != end && *p == '=') ++p;
  after = p;
  const auto signs = static_cast<size_t>(p - bracket - 1);
  return p != end && *p == *bracket ? signs : signs + noBracket;
}

// With the cursor behind the opening bracket, whose first character is at `opening`.
void Lexer::scanLongBracket(TokenData* token, const char* opening, size_t level) {
  const uint32_t startLine = lineNumber;
  if (cursor != end && isLineEnd(*cursor)) skipLineEnd();
  const char* contents = cursor;
  bool isSlice = true;  // the contents are the source text as it is; otherwise they are in the buffer
  const auto flush = [&](const char* upTo) {
    if (token == nullptr) return;
    if (isSlice) buffer.clear();
    isSlice = false;
    buffer.append(contents, upTo);
  };
  while (!failed) {
    const char* p = cursor;
    while (p != end && *p != ']' && !isLineEnd(*p)) ++p;
    cursor = p;
    if (p == end) {
      const char* what = token != nullptr ? "string" : "comment";
      return errorNear(formatText(vm, "unfinished long {} (starting at line {})", what, startLine),
                       tokenName(Token::Eof));
    }
    if (*p == ']') {
      const bool closes = longBracketLevel(p, cursor) == level;
      if (!closes) continue;
      ++cursor;
      if (token == nullptr) return;
      if (!isSlice) flush(p);
      token->kind = Token::String;
      token->start = opening;
      token->string = intern(isSlice ? std::string_view(contents, static_cast<size_t>(p - contents)) : buffer);
      return;
    }
    skipLineEnd();
    if (cursor - p == 1 && *p == '\n') continue;
    flush(p);
    if (token != nullptr) buffer.push_back('\n');
    contents = cursor;
  }
}

// With the cursor behind "--".
void Lexer::skipComment() {
  if (cursor != end && *cursor == '[') {
    const char* opening = cursor;
    const char* after;
    const size_t level = longBracketLevel(opening, after);
    if (level < noBracket) {
      cursor = after + 1;
      return scanLongBracket(nullptr, opening, level);
    }
  }
  while (cursor != end && !isLineEnd(*cursor)) ++cursor;
}

// ---- tokens ----

void Lexer::scan(TokenData& token) {
  token.kind = Token::Eof;
  const auto symbol = [&](Token kind, int length) {
    cursor += length;
    token.kind = kind;
  };
  while (cursor != end && !failed) {
    const char c = *cursor;
    const char following = end - cursor > 1 ? cursor[1] : '\0';
    token.start = cursor;
    switch (c) {
      case '\n':
      case '\r': skipLineEnd(); continue;
      case ' ':
      case '\t':
      case '\v':
      case '\f': ++cursor; continue;
      case '-':
        if (following == '-') {
          cursor += 2;
          skipComment();
          continue;
        }
        symbol(Token::Minus, 1);
        break;
      case '[': {
        const char* after;
        const size_t level = longBracketLevel(cursor, after);
        if (level < noBracket) {
          cursor = after + 1;
          scanLongBracket(&token, token.start, level);
        } else if (level == noBracket) {
          symbol(Token::LeftBracket, 1);
        } else {
          errorNear("invalid long string delimiter", formatText(vm, "'{}'", std::string_view(cursor, after)));
        }
        break;
      }
      case '=': following == '=' ? symbol(Token::Equal, 2) : symbol(Token::Assign, 1); break;
      case '<':
        following == '='   ? symbol(Token::LessEqual, 2)
        : following == '<' ? symbol(Token::ShiftLeft, 2)
                           : symbol(Token::Less, 1);
        break;
      case '>':
        following == '='   ? symbol(Token::GreaterEqual, 2)
        : following == '>' ? symbol(Token::ShiftRight, 2)
                           : symbol(Token::Greater, 1);
        break;
      case '/': following == '/' ? symbol(Token::DoubleSlash, 2) : symbol(Token::Slash, 1); break;
      case '~': following == '=' ? symbol(Token::NotEqual, 2) : symbol(Token::Tilde, 1); break;
      case ':': following == ':' ? symbol(Token::DoubleColon, 2) : symbol(Token::Colon, 1); break;
      case '"':
      case '\'': scanShortString(token); break;
      case '.':
        if (following == '.') {
          end - cursor > 2 && cursor[2] == '.' ? symbol(Token::TripleDot, 3) : symbol(Token::DoubleDot, 2);
        } else if (is(following, digitClass)) {
          scanNumber(token);
        } else {
          symbol(Token::Dot, 1);
        }
        break;
      case '+': symbol(Token::Plus, 1); break;
      case '*': symbol(Token::Star, 1); break;
      case '%': symbol(Token::Percent, 1); break;
      case '^': symbol(Token::Caret, 1); break;
      case '#': symbol(Token::Hash, 1); break;
      case '&': symbol(Token::Ampersand, 1); break;
      case '|': symbol(Token::Pipe, 1); break;
      case '(': symbol(Token::LeftParenthesis, 1); break;
      case ')': symbol(Token::RightParenthesis, 1); break;
      case '{': symbol(Token::LeftBrace, 1); break;
      case '}': symbol(Token::RightBrace, 1); break;
      case ']': symbol(Token::RightBracket, 1); break;
      case ';': symbol(Token::Semicolon, 1); break;
      case ',': symbol(Token::Comma, 1); break;
      default:
        if (is(c, letterClass)) {
          scanName(token);
        } else if (is(c, digitClass)) {
          scanNumber(token);
        } else {
          token.character = static_cast<uint8_t>(c);
          symbol(Token::Unknown, 1);
        }
    }
    token.end = cursor;
    break;
  }
  if (failed) token.kind = Token::Eof;
}

}  // namespace selvage
