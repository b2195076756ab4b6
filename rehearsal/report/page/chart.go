package page

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"enterprise-openai/rehearsal/report"
)

// chart is a line chart, drawn into a box of chartWidth by chartHeight.
type chart struct {
	Title string
	// Says is the chart in a sentence, for those who do not see it.
	Says   string
	Series []series
	// Ticks are those of the two axes, Marks what happened.
	Across, Up   []tick
	Marks        []mark
	Table        [][]string
	Columns      []string
	Unit         string
	Left, Right  float64
	Top, Bottom  float64
	Width, Deep  float64
	LabelsBottom float64
}

type series struct {
	Name string
	// Class selects colour and dashes: both, so that a reader needs no colours.
	Class string
	// Points are those of a polyline.
	Points string
}

type tick struct {
	At    float64
	Label string
}

// LabelY is where a tick's label stands beside its line.
func (t tick) LabelY() float64 { return t.At + labelDown }

// LabelsX is where the labels of the upright axis end.
func (c chart) LabelsX() float64 { return c.Left - labelGap }

// mark is a moment at which something was done. The chart has its letter and the legend its text, which would not fit beside it on a
// phone.
type mark struct {
	At                  float64
	Letter, Clock, Text string
	// Y is where the letter stands.
	Y float64
}

// The box of a chart, and the room around the lines.
const (
	chartWidth, chartDepth  = 640, 260
	chartLeft, chartRight   = 64, 36
	chartTop, chartBottom   = 34, 44
	ticksUp, ticksAcross    = 4, 6
	secondsPerMinute        = 60
	markAbove, labelSpacing = 20, 30
	labelGap, labelDown     = 8, 5
)

// line is a list of numbers, one for each step.
type line struct {
	name, class string
	values      []int
}

// chartsOf are the two charts of a course: what became of the calls, and what each region got.
func chartsOf(c report.Course) []chart {
	calls := []line{{"offered", "s0", c.Offered}, {"served", "s1", c.Served}, {"refused (429)", "s2", c.Refused}, {"failed", "s3", c.Failed}}
	calls = slices.DeleteFunc(calls, func(l line) bool { return l.class == "s3" && total(l.values) == 0 })
	var regions []line
	for i, region := range slices.Sorted(maps.Keys(c.Attempts)) {
		regions = append(regions, line{region, fmt.Sprintf("s%d", 4+i%6), c.Attempts[region]})
	}
	charts := []chart{chartOf("Calls", c, calls)}
	if len(regions) > 0 {
		charts = append(charts, chartOf("Attempts by region", c, regions))
	}
	return charts
}

func total(values []int) int {
	sum := 0
	for _, v := range values {
		sum += v
	}
	return sum
}

func chartOf(title string, c report.Course, lines []line) chart {
	steps, highest := len(c.Offered), 1
	for _, l := range lines {
		steps = min(steps, len(l.values))
		highest = max(highest, slices.Max(append([]int{0}, l.values...)))
	}
	ch := chart{
		Title: title, Width: chartWidth, Deep: chartDepth, Left: chartLeft, Right: chartWidth - chartRight,
		Top: chartTop, Bottom: chartDepth - chartBottom, LabelsBottom: chartDepth - chartBottom + labelSpacing,
		Unit: fmt.Sprintf("in each %s of modelled time", length(c.StepSeconds)),
	}
	step := nice(float64(highest) / ticksUp)
	top := step * math.Ceil(float64(highest)/step)
	x := func(at float64) float64 { return round1(ch.Left + (ch.Right-ch.Left)*at/float64(max(steps, 1))) }
	y := func(v float64) float64 { return round1(ch.Bottom - (ch.Bottom-ch.Top)*v/top) }
	for v := 0.0; v <= top; v += step {
		ch.Up = append(ch.Up, tick{y(v), value(v)})
	}
	every := max(1, (steps+ticksAcross-1)/ticksAcross)
	for i := 0; i <= steps; i += every {
		ch.Across = append(ch.Across, tick{x(float64(i)), clockAt(i * c.StepSeconds)})
	}
	ch.Columns = []string{"from"}
	for _, l := range lines {
		points := make([]string, 0, steps)
		for i, v := range l.values[:steps] {
			points = append(points, fmt.Sprintf("%g,%g", x(float64(i)+0.5), y(float64(v))))
		}
		ch.Series = append(ch.Series, series{l.name, l.class, strings.Join(points, " ")})
		ch.Columns = append(ch.Columns, l.name)
	}
	for i := range steps {
		row := []string{clockAt(i * c.StepSeconds)}
		for _, l := range lines {
			row = append(row, value(l.values[i]))
		}
		ch.Table = append(ch.Table, row)
	}
	ch.Marks = marksOf(c, x)
	ch.Says = says(title, c, lines)
	return ch
}

func marksOf(c report.Course, x func(float64) float64) []mark {
	marks := make([]mark, len(c.Events))
	for i, e := range c.Events {
		marks[i] = mark{
			At: x(float64(e.AtSeconds) / float64(max(c.StepSeconds, 1))), Letter: letter(i), Clock: clockAt(e.AtSeconds), Text: e.Text,
			Y: markAbove,
		}
	}
	return marks
}

// letter names a mark: A to Z, and then numbers.
func letter(i int) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	if i < len(letters) {
		return letters[i : i+1]
	}
	return fmt.Sprint(i + 1)
}

// says is a chart in a sentence.
func says(title string, c report.Course, lines []line) string {
	parts := make([]string, 0, len(lines))
	for _, l := range lines {
		parts = append(parts, fmt.Sprintf("%s %s", value(total(l.values)), l.name))
	}
	text := fmt.Sprintf("%s over %s: %s.", title, length(len(c.Offered)*c.StepSeconds), strings.Join(parts, ", "))
	for _, e := range c.Events {
		text += fmt.Sprintf(" At %s %s.", clockAt(e.AtSeconds), e.Text)
	}
	return text
}

// nice is the next number above that people count by: 1, 2, 5, 10 and so on.
func nice(v float64) float64 {
	v = max(v, 1)
	scale := math.Pow(10, math.Floor(math.Log10(v)))
	for _, n := range []float64{1, 2, 5, 10} {
		if n*scale >= v {
			return n * scale
		}
	}
	return v
}

func round1(v float64) float64 { return math.Round(v*10) / 10 }

// clockAt is a moment as minutes and seconds.
func clockAt(seconds int) string {
	return fmt.Sprintf("%d:%02d", seconds/secondsPerMinute, seconds%secondsPerMinute)
}

// length is a time in words.
func length(seconds int) string {
	switch {
	case seconds == secondsPerMinute:
		return "minute"
	case seconds%secondsPerMinute == 0:
		return fmt.Sprintf("%d minutes", seconds/secondsPerMinute)
	}
	return fmt.Sprintf("%d seconds", seconds)
}
