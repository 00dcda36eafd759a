package steps

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// TestIndex holds Index to bytes.Index on random bytes of a small alphabet, in
// which texts are found at every place and nearly found at most.
func TestIndex(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	letters := []byte("imk_ \x80")
	word := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = letters[random.IntN(len(letters))]
		}
		return b
	}
	for range 200000 {
		data, text := word(random.IntN(40)), word(1+random.IntN(4))
		if got, want := Index(data, string(text)), bytes.Index(data, text); got != want {
			t.Fatalf("Index(%q, %q) = %d, want %d", data, text, got, want)
		}
	}
}
