// A stand-in for <format> of C++20, with "{}" only, for compilers that have none.
#pragma once
#include <sstream>
#include <string>

namespace std {
inline void put(ostringstream& out, const char* pattern) { out << pattern; }

template <class First, class... Rest>
void put(ostringstream& out, const char* pattern, const First& first, const Rest&... rest) {
    for (; *pattern; ++pattern) {
        if (pattern[0] == '{' && pattern[1] == '}') {
            out << first;
            put(out, pattern + 2, rest...);
            return;
        }
        out << *pattern;
    }
}

template <class... Values>
string format(const char* pattern, const Values&... values) {
    ostringstream out;
    put(out, pattern, values...);
    return out.str();
}
}
