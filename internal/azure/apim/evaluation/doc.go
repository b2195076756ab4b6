// Package evaluation spares exchanges with the process that evaluates expressions: each costs more than most expressions.
//
// Two things spare an exchange. A value that depends only on what its evaluation read is used again, in any later call in which
// these reads give the same ([Memory]). And expressions that will probably be reached are evaluated early, in the exchange of one
// before them, with the variables as they will be then; the value is used when the expression is reached, if what it read
// still gives the same ([Call]). The results are those of an evaluation at its turn: an expression that throws, reads the time or
// changes anything is always evaluated at its turn.
//
// No policy has to say what it changes: what an evaluation looked at is noted where it looks, and compared with what there is
// when the value is needed.
//
//	call.go       the values of one call: evaluated ahead, recalled, or evaluated at its turn
//	recall.go     what the expressions of a program came to, by what they looked at
//	foresight.go  which expressions are reached after which
//	plan.go       what is evaluated in one exchange, with the variables that it is going to see
//	variables.go  who set a variable last, and which ones an expression looked at
package evaluation
