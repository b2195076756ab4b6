package accounts

// responseStream sends the numbered events of a response.
type responseStream struct {
	x        *exchange
	sequence int
	over     bool
}

func (s *responseStream) send(kind string, fields map[string]any) {
	if s.over {
		return
	}
	fields["type"], fields["sequence_number"] = kind, s.sequence
	s.sequence++
	s.over = !s.x.event(kind, toJSON(fields))
}

// streamResponse sends the events of a response in their documented order (OpenAI API reference: Responses, streaming events).
// This stream has no [DONE].
func (x *exchange) streamResponse(out, end response, items []any, a answer) {
	x.openStream()
	s := &responseStream{x: x}
	s.send("response.created", map[string]any{"response": out})
	s.send("response.in_progress", map[string]any{"response": out})
	thoughts := len(end.Output) - len(items)
	for i, thought := range end.Output[:thoughts] {
		s.send("response.output_item.added", map[string]any{"output_index": i, "item": thought})
		s.send("response.output_item.done", map[string]any{"output_index": i, "item": thought})
	}
	for i, item := range items {
		at := thoughts + i
		switch v := item.(type) {
		case outputItem:
			s.message(at, v, end.Output[at], a)
		case functionItem:
			begun := v
			begun.Status, begun.Arguments = "in_progress", ""
			s.call(callEvents{at, v.ID, "response.function_call_arguments", "arguments"}, begun, end.Output[at], a.calls[i])
		case customItem:
			begun := v
			begun.Status, begun.Input = "in_progress", ""
			s.call(callEvents{at, v.ID, "response.custom_tool_call_input", "input"}, begun, end.Output[at], a.calls[i])
		}
	}
	last := "response.completed"
	if end.Status == "incomplete" {
		last = "response.incomplete"
	}
	s.send(last, map[string]any{"response": end})
}

// message sends the events of one text message.
func (s *responseStream) message(i int, item outputItem, end any, a answer) {
	in := func(fields map[string]any) map[string]any {
		fields["item_id"], fields["output_index"], fields["content_index"] = item.ID, i, 0
		return fields
	}
	begun := item
	begun.Status, begun.Content = "in_progress", []outputText{}
	s.send("response.output_item.added", map[string]any{"output_index": i, "item": begun})
	s.send("response.content_part.added", in(map[string]any{"part": textPart("")}))
	for _, piece := range a.pieces {
		s.send("response.output_text.delta", in(map[string]any{"delta": piece, "logprobs": []any{}}))
	}
	s.send("response.output_text.done", in(map[string]any{"text": a.text(), "logprobs": []any{}}))
	s.send("response.content_part.done", in(map[string]any{"part": textPart(a.text())}))
	s.send("response.output_item.done", map[string]any{"output_index": i, "item": end})
}

// callEvents are the names of the events of one kind of call.
type callEvents struct {
	index              int
	id, prefix, member string
}

// call sends the events of one call of a tool.
func (s *responseStream) call(e callEvents, begun, end any, made madeCall) {
	s.send("response.output_item.added", map[string]any{"output_index": e.index, "item": begun})
	for _, piece := range made.pieces {
		s.send(e.prefix+".delta", map[string]any{"item_id": e.id, "output_index": e.index, "delta": piece})
	}
	s.send(e.prefix+".done", map[string]any{"item_id": e.id, "output_index": e.index, e.member: made.text(), "name": made.name})
	s.send("response.output_item.done", map[string]any{"output_index": e.index, "item": end})
}
