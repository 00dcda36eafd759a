package rewrite_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"spanwalk/rewrite"
)

// callNames returns what the calls of a file call.
func callNames(f *rewrite.File) string {
	var out []string
	f.Module.Walk(func(n *rewrite.Node) bool {
		if n.Is("call") {
			out = append(out, n.Child("function").Text())
		}
		return true
	})
	return strings.Join(out, " ")
}

// TestEncodings reads files in many encodings, changes the name of the one call
// in each and expects the file's bytes with nothing but that name changed.
func TestEncodings(t *testing.T) {
	tests := []struct{ name, data string }{
		{"UTF-8", "# é\nx = '€'; call('日本')\n"},
		{"UTF-8 with a cookie", "# -*- coding: utf-8 -*-\ncall('é')\n"},
		{"UTF-8 with an odd cookie", "#!/usr/bin/python\n# vim: set fileencoding=UTF_8 :\ncall('é')\n"},
		{"ASCII by its cookie", "# coding=us-ascii\ncall('e')\n"},
		{"byte order mark", "\xef\xbb\xbfcall('é')\n"},
		{"byte order mark and cookie", "\xef\xbb\xbf# coding: latin-1\ncall('é')\n"},
		{"byte order mark, cookie utf-8-sig", "\xef\xbb\xbf# coding: utf-8-sig\ncall('é')\n"},
		{"latin-1", "# -*- coding: latin-1 -*-\n# \xe9\xff\x85\ncall('\xe9')  # \xa0\n"},
		{"latin-1 by another name", "# coding: iso8859_1\ncall('\xe9')\n"},
		{"ISO-8859-15", "\n# coding: iso-8859-15\ncall('\xa4')\n"},
		{"latin-2", "# coding: iso8859-2\ncall('\xb1')\n"},
		{"cp1252", "# coding: cp1252\ncall('\x80\x93\x94')\n"},
		{"cp1251", "# coding: cp1251\ncall('\xcf\xf0\xe8')\n"},
		{"cp437", "# coding: cp437\ncall('\x82')\n"},
		{"KOI8-R", "# coding: koi8-r\ncall('\xc1\xc2')\n"},
		{"Shift JIS", "# -*- coding: shift_jis -*-\n# \x95\x5c\ncall('\x83\x5c')  # \x83\x7b\n"},
		{"Shift JIS by other names", "# coding: sjis\ncall('\x83\x5c')\n"},
		{"cp932", "# coding: cp932\ncall('\x83\x5c')\n"},
		{"EUC-JP", "# coding: euc_jp\ncall('\xc6\xfc')\n"},
		{"GBK", "# coding: gbk\ncall('\x81\x5c')\n"},
		{"GB2312", "# coding: gb2312\ncall('\xc4\xe3')\n"},
		{"Big5", "# coding: big5\ncall('\xa5\x5c')\n"},
		{"EUC-KR", "# coding: euc-kr\ncall('\xb0\xa1')\n"},
		{"carriage returns", "# coding: latin-1\rx = 1\rcall('\xe9')\rif x:\r    y = 2\r"},
		{"both line ends", "# coding: latin-1\r\nif x:\r\n    call('\xe9')\r\n"},
		{"mixed line ends", "x = 1\ry = 2\r\n# c\rcall('''\r''')\nz = 3"},
		{"cookie in the third line does not count", "\n\n# coding: latin-1\ncall('é')\n"},
		{"cookie behind code does not count", "x = 1\n# coding: latin-1\ncall('é')\n"},
		{"cookie in a string does not count", "x = '# coding: latin-1'\ncall('é')\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, err := rewrite.Parse("x.py", []byte(tt.data), nil)
			if err != nil {
				t.Fatal(err)
			}
			if got := callNames(f); got != "call" || len(f.Broken) > 0 {
				t.Fatalf("calls are %q, broken %v", got, f.Broken)
			}
			call := bytes.Index(f.Source, []byte("call("))
			got, err := f.Encode(rewrite.Apply(f.Source, []rewrite.Edit{{Start: call, End: call + 4, New: "changed"}}))
			if err != nil {
				t.Fatal(err)
			}
			if want := strings.Replace(tt.data, "call(", "changed(", 1); string(got) != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// TestUnreadableFiles wants a refusal that says why.
func TestUnreadableFiles(t *testing.T) {
	tests := []struct{ name, data, want string }{
		{"NUL", "x = 1\n\x00", "NUL"},
		{"UTF-16", "\xff\xfex\x00 \x00=\x00", "NUL"},
		{"not UTF-8", "x = 1\n# \xe9\n", "line 2 is not UTF-8"},
		{"not UTF-8, two line ends", "x = 1\r\n\r\n# \xe9\r\n", "line 3 is not UTF-8"},
		{"not UTF-8, carriage returns", "x = 1\r\r# \xe9\r", "line 3 is not UTF-8"},
		{"not UTF-8 in spite of the cookie", "# coding: utf-8\n# \xe9\n", "line 2 is not UTF-8"},
		{"not UTF-8 in spite of the byte order mark", "\xef\xbb\xbf# \xe9\n", "line 1 is not UTF-8"},
		{"encoding that cannot hold its own cookie", "# coding: utf-16\nx = 12\n", `"utf-16"`},
		{"EBCDIC", "# coding: cp037\nx = 1\n", `"cp037"`},
		{"unknown encoding", "# coding: klingon\nx = 1\n", `"klingon"`},
		{"codec that is no encoding", "# coding: rot13\nx = 1\n", `"rot13"`},
		{"bytes that the encoding does not know", "# coding: shift_jis\n# \x83\xff\n", `"shift_jis"`},
		{"encoding that does not come back", "# coding: utf-7\nx = '+AOk-'\n", `"utf-7"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, err := rewrite.Parse("a/x.py", []byte(tt.data), nil)
			if err == nil || !strings.HasPrefix(err.Error(), "a/x.py: ") || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got %v, %v; want an error that starts with the path and says %s", f, err, tt.want)
			}
			var encoding *rewrite.EncodingError
			if !errors.Is(err, rewrite.ErrNotText) && !errors.As(err, &encoding) {
				t.Errorf("%v is of no known type", err)
			}
		})
	}
}

// TestEncodeRefusesForeignCharacters writes a character the encoding lacks.
func TestEncodeRefusesForeignCharacters(t *testing.T) {
	f, err := rewrite.Parse("x.py", []byte("# coding: latin-1\nx = '\xe9'\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := f.Encode([]byte("# coding: latin-1\nx = '日本'\n")); err == nil {
		t.Errorf("got %q and no error", got)
	}
}
