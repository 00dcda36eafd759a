package rewrite

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
)

var utf8BOM = []byte("\xef\xbb\xbf")

// ErrNotText is returned by [Parse] for binary data and UTF-16.
var ErrNotText = errors.New("not Python source: the file holds NUL bytes")

// EncodingError is returned by [Parse] when a file is in no encoding that can
// be read and written back to the same bytes.
type EncodingError struct {
	Cookie string // the declared encoding, or ""
	Line   int    // 1-based line of the first byte that is no UTF-8, 0 if unknown
}

// Error says what to do about it.
func (e *EncodingError) Error() string {
	if e.Cookie == "" {
		return fmt.Sprintf("line %d is not UTF-8 and the file declares no encoding: add a coding cookie (# -*- coding: … -*-) or convert the file to UTF-8", e.Line)
	}
	return fmt.Sprintf("declared encoding %q is unknown or does not survive a round trip: convert the file to UTF-8", e.Cookie)
}

// codec converts between a file's bytes on disk and UTF-8. The zero value is
// UTF-8 itself.
type codec struct{ enc encoding.Encoding }

func (c codec) encode(source []byte) ([]byte, error) {
	if c.enc == nil {
		return source, nil
	}
	out, err := c.enc.NewEncoder().Bytes(source)
	if err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	return out, nil
}

// cookie is PEP 263's expression.
var cookie = regexp.MustCompile(`^[ \t\f]*#.*?coding[:=][ \t]*([-_.a-zA-Z0-9]+)`)

// decode returns the file's text as UTF-8 and how to write it back.
func decode(data []byte) ([]byte, codec, error) {
	if bytes.IndexByte(data, 0) >= 0 {
		return nil, codec{}, ErrNotText
	}
	name := declaredEncoding(data)
	if bytes.HasPrefix(data, utf8BOM) {
		name = "" // it says more than a cookie can
	}
	if name == "" || isUTF8Name(name) {
		if !utf8.Valid(data) {
			return nil, codec{}, &EncodingError{Line: invalidLine(data)}
		}
		return data, codec{}, nil
	}
	enc := lookupEncoding(name)
	if enc == nil {
		return nil, codec{}, &EncodingError{Cookie: name}
	}
	text, err := enc.NewDecoder().Bytes(data)
	if err != nil {
		return nil, codec{}, &EncodingError{Cookie: name}
	}
	back, err := enc.NewEncoder().Bytes(text)
	if err != nil || !bytes.Equal(back, data) || declaredEncoding(text) != name {
		return nil, codec{}, &EncodingError{Cookie: name}
	}
	return text, codec{enc}, nil
}

func declaredEncoding(data []byte) string {
	for range 2 {
		end := bytes.IndexAny(data, "\r\n")
		if end < 0 {
			end = len(data)
		}
		line, rest := data[:end], data[end:]
		rest = bytes.TrimPrefix(bytes.TrimPrefix(rest, []byte("\r")), []byte("\n"))
		if m := cookie.FindSubmatch(line); m != nil {
			return string(m[1])
		}
		if t := bytes.TrimSpace(line); len(t) > 0 && t[0] != '#' {
			return ""
		}
		data = rest
	}
	return ""
}

func isUTF8Name(name string) bool {
	n := strings.ToLower(strings.ReplaceAll(name, "_", "-"))
	return n == "utf8" || strings.HasPrefix(n, "utf-8") || n == "ascii" || n == "us-ascii"
}

func lookupEncoding(name string) encoding.Encoding {
	n := strings.ToLower(strings.ReplaceAll(name, "_", "-"))
	switch n {
	case "latin-1", "latin1", "iso-8859-1", "iso8859-1", "l1":
		return charmap.ISO8859_1
	case "cp1252", "windows-1252":
		return charmap.Windows1252
	}
	if alias, ok := pythonNames[n]; ok {
		n = alias
	}
	for _, try := range []string{n, strings.Replace(n, "cp", "windows-", 1), strings.Replace(n, "iso8859", "iso-8859", 1)} {
		for _, index := range []func(string) (encoding.Encoding, error){ianaindex.MIME.Encoding, ianaindex.IANA.Encoding, htmlindex.Get} {
			if enc, err := index(try); err == nil && enc != nil {
				return enc
			}
		}
	}
	return nil
}

// pythonNames holds Python's names for encodings that the indexes do not know
// under them.
var pythonNames = map[string]string{
	"cp932": "shift_jis", "shift-jis": "shift_jis", "ms-kanji": "shift_jis",
	"cp936": "gbk", "cp949": "euc-kr", "cp950": "big5", "big5-tw": "big5",
	"latin-2": "iso-8859-2", "latin-9": "iso-8859-15", "mac-roman": "macintosh",
}

// invalidLine returns the line, from 1, of the first byte that is no UTF-8.
func invalidLine(data []byte) int {
	at := 0
	for at < len(data) {
		r, n := utf8.DecodeRune(data[at:])
		if r == utf8.RuneError && n <= 1 {
			break
		}
		at += n
	}
	return lineAt(data, at)
}

// normalizeCR turns every carriage return that ends a line alone into a line
// feed, as Python does and as the grammar needs; lengths stay the same.
func normalizeCR(src []byte) []byte {
	out := src
	for i, c := range src {
		if c != '\r' || i+1 < len(src) && src[i+1] == '\n' {
			continue
		}
		if &out[0] == &src[0] {
			out = bytes.Clone(src)
		}
		out[i] = '\n'
	}
	return out
}
