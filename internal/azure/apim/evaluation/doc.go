// Package evaluation spares exchanges with the process that evaluates expressions: each costs more than most expressions.
//
// Two things can be known without an exchange. A value that follows from what an evaluation looked at is recalled where the same
// looks show the same, in any later call ([Memory]). And what is going to be reached is evaluated in the exchange of an
// expression before it, with the variables set as they are going to be; its value is used when it is reached, if what it looked at
// still shows the same then ([Call]). Neither can be told from an evaluation at its turn: what throws, looks at the time, or
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
