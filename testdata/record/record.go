// Command record walks the demo in a real terminal (tmux) and draws what was on
// the screen as an animated SVG. Run it from the root of the repository:
//
//	go run ./testdata/record > testdata/record/walk.svg
package main

import (
	"fmt"
	"html"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"
)

const (
	columns, rows = 80, 24
	cell, line    = 8.43, 18.0 // size of a character, in pixels at 14px
	seconds       = 3.0        // a frame is shown that long
)

// shots are the keys of the film; a frame is taken after each group.
var shots = [][]string{
	{"Enter"},           // floor
	{"c"},               // checklist
	{"Escape", "Enter"}, // pins
	{"y"}, {"y"},        // commit
	{"Enter", "y"}, {"Enter"}, // streaming on; first question of start-span
	{"Enter"}, {"Enter"}, // the next one; review
	{"A"}, {"y"}, {"?"}, {"Escape", "q"}, // for a whole shape; keys; stop
	{"spanwalk -C shop revert trace-lifecycle", "Enter"}, // a step back
}

func main() {
	log.SetFlags(0)
	dir, err := os.MkdirTemp("", "spanwalk-record-")
	check(err)
	defer os.RemoveAll(dir)
	program := filepath.Join(dir, "spanwalk")
	run("go", "build", "-o", program, "./cmd/spanwalk")
	socket := filepath.Join(dir, "tmux")
	tmux := func(args ...string) string { return run("tmux", append([]string{"-S", socket}, args...)...) }
	tmux("-f", "/dev/null", "new-session", "-d", "-x", fmt.Sprint(columns), "-y", fmt.Sprint(rows),
		"env", "-u", "CI", "-u", "NO_COLOR", "TERM=screen-256color", "PATH="+dir+":"+os.Getenv("PATH"), "PS1=$ ", "sh")
	defer tmux("kill-server")
	tmux("send-keys", "-l", "clear; cd "+dir+"; spanwalk demo --theme dark --keep shop")
	tmux("send-keys", "Enter")
	frames := []string{shoot(tmux)}
	for _, keys := range shots {
		for _, key := range keys {
			tmux("send-keys", key)
			time.Sleep(700 * time.Millisecond)
		}
		frames = append(frames, strings.ReplaceAll(shoot(tmux), dir+"/", ""))
	}
	film(frames)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func run(name string, args ...string) string {
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		log.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// shoot returns the screen with its colours once it stands still.
func shoot(tmux func(...string) string) string {
	last := ""
	for range 100 {
		time.Sleep(150 * time.Millisecond)
		now := tmux("capture-pane", "-e", "-p")
		if now == last && strings.TrimSpace(now) != "" {
			return now
		}
		last = now
	}
	return last
}

// film writes the frames one after the other, for ever.
func film(frames []string) {
	width, height := columns*cell+32, rows*line+32
	total := seconds * float64(len(frames))
	fmt.Printf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" width="%.0f" height="%.0f" font-family="ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="14">`+"\n", width, height, width, height)
	fmt.Printf("<title>spanwalk walks its demo project</title>\n<style>.f{visibility:hidden;animation:f %.1fs step-end infinite}@keyframes f{0%%{visibility:visible}%.3f%%,100%%{visibility:hidden}}text{white-space:pre}</style>\n",
		total, 100/float64(len(frames)))
	fmt.Printf(`<rect width="100%%" height="100%%" rx="8" fill="#16181d"/>` + "\n")
	for i, frame := range frames {
		fmt.Printf(`<g class="f" style="animation-delay:%.1fs">`+"\n", seconds*float64(i))
		s := style{} // tmux carries colours over from line to line
		for y, text := range strings.Split(strings.TrimRight(frame, "\n"), "\n") {
			drawLine(&s, text, y)
		}
		fmt.Println("</g>")
	}
	fmt.Println("</svg>")
}

// style is what the escape sequences so far ask for.
type style struct {
	fill, back string
	bold       bool
}

// drawLine writes the runs of one line, each at its column.
func drawLine(s *style, text string, y int) {
	column := 0
	for text != "" {
		i := strings.IndexByte(text, '\x1b')
		if i != 0 {
			if i < 0 {
				i = len(text)
			}
			column += drawRun(text[:i], *s, column, y)
			text = text[i:]
			continue
		}
		end := strings.IndexByte(text, 'm')
		if end < 0 {
			return
		}
		s.read(strings.TrimPrefix(text[:end], "\x1b["))
		text = text[end+1:]
	}
}

func drawRun(text string, s style, column, y int) (width int) {
	width = ansi.StringWidth(text)
	x, top := 16+float64(column)*cell, 16+float64(y)*line
	if s.back != "" {
		fmt.Printf(`<rect x="%.1f" y="%.1f" width="%.1f" height="%.0f" fill="%s"/>`, x, top, float64(width)*cell, line, s.back)
	}
	if strings.TrimSpace(text) == "" {
		return width
	}
	fill, weight := s.fill, ""
	if fill == "" {
		fill = "#d7dae0"
	}
	if s.bold {
		weight = ` font-weight="bold"`
	}
	fmt.Printf(`<text x="%.1f" y="%.1f" fill="%s"%s textLength="%.1f" xml:space="preserve">%s</text>`+"\n",
		x, top+13.5, fill, weight, float64(width)*cell, html.EscapeString(text))
	return width
}

// read applies the numbers of one SGR sequence.
func (s *style) read(list string) {
	codes := strings.Split(list, ";")
	for i := 0; i < len(codes); i++ {
		n, _ := strconv.Atoi(codes[i])
		switch {
		case n == 0:
			*s = style{}
		case n == 1:
			s.bold = true
		case n == 39:
			s.fill = ""
		case n == 49:
			s.back = ""
		case n == 38 || n == 48:
			color, used := palette(codes[i+1:])
			i += used
			if n == 38 {
				s.fill = color
			} else {
				s.back = color
			}
		}
	}
}

// palette reads "5;N" or "2;R;G;B".
func palette(codes []string) (color string, used int) {
	number := func(i int) int {
		if i >= len(codes) {
			return 0
		}
		n, _ := strconv.Atoi(codes[i])
		return n
	}
	if number(0) == 2 {
		return fmt.Sprintf("#%02x%02x%02x", number(1), number(2), number(3)), 4
	}
	n := number(1)
	switch {
	case n >= 232:
		v := 8 + 10*(n-232)
		return fmt.Sprintf("#%02x%02x%02x", v, v, v), 2
	case n >= 16:
		n -= 16
		step := func(v int) int {
			if v == 0 {
				return 0
			}
			return 55 + 40*v
		}
		return fmt.Sprintf("#%02x%02x%02x", step(n/36), step(n/6%6), step(n%6)), 2
	}
	return "#d7dae0", 2
}
