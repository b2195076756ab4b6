package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Read reads a report that WriteJSON wrote, this program's or that of another day. A form that this program does not know is
// refused rather than shown in part.
func Read(r io.Reader) (Report, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return Report{}, fmt.Errorf("report: %w", err)
	}
	var head struct {
		Version *int   `json:"version"`
		Stack   string `json:"stack"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return Report{}, fmt.Errorf("no report: %w; it has to be a report.json of rehearse run", err)
	}
	switch {
	case head.Stack == "":
		return Report{}, errors.New("no report: it names no stack; it has to be a report.json of rehearse run")
	case head.Version == nil:
		return Report{}, fmt.Errorf("the report of %s has no version: it was written before version %d; rehearse again", head.Stack, Version)
	case *head.Version != Version:
		return Report{}, fmt.Errorf("the report of %s has version %d, this program reads version %d; use the program that wrote it, or rehearse again",
			head.Stack, *head.Version, Version)
	}
	var report Report
	if err := json.Unmarshal(data, &report); err != nil {
		return Report{}, fmt.Errorf("report of %s: %w", head.Stack, err)
	}
	return report, nil
}
