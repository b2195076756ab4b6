package drills

import "fmt"

// mostFailures is how many failures of one kind are listed one by one; what is broken for one caller is often broken for all.
const mostFailures = 12

// findings collects what did not hold.
type findings struct {
	list []string
	more int
}

// add notes a failure.
func (f *findings) add(format string, args ...any) {
	if len(f.list) >= mostFailures {
		f.more++
		return
	}
	f.list = append(f.list, fmt.Sprintf(format, args...))
}

// addEach notes failures that have different causes, however many they are.
func (f *findings) addEach(prefix string, items []string) {
	for _, item := range items {
		f.list = append(f.list, prefix+item)
	}
}

// all are the failures, with the number of those that were left out.
func (f *findings) all() []string {
	if f.more > 0 {
		return append(f.list, fmt.Sprintf("and %d more like these", f.more))
	}
	return f.list
}
