package source

// budget is the memory that many machines share, in bytes.
type budget struct{ size, left int }

func newBudget(size int) budget { return budget{size, size} }

// share is the part of what is left that one machine may have: whoever has much, others leave more
// for than they would get themselves, so that something is left for every one of them.
const share = 8

// memory is what one machine has of a budget.
type memory struct {
	budget *budget
	used   int
}

// take uses n bytes more if the machine's share allows it.
func (m *memory) take(n int) bool {
	if n > m.budget.left || m.used+n > m.budget.left/share+baseSize {
		return false
	}
	m.force(n)
	return true
}

// force uses n bytes more, whatever is left; who does it looks at over.
func (m *memory) force(n int) {
	m.used += n
	m.budget.left -= n
}

// over says whether the machine has more than its share.
func (m *memory) over() bool { return m.budget.left < 0 || m.used > m.budget.left/share+baseSize }

func (m *memory) giveBack(n int) { m.force(-n) }

// move takes what the machine has from another budget.
func (m *memory) move(to *budget) {
	m.budget.left += m.used
	to.left -= m.used
	m.budget = to
}

// The sizes of what is kept, about.
const (
	// baseSize is what a sender takes of which nothing waits.
	baseSize = 1500
	// recordOverhead is what a record takes besides its bytes.
	recordOverhead = 320
)

func (r *Record) clone() *Record {
	c := *r
	c.Text = append([]byte(nil), r.Text...)
	c.Dict = append([]byte(nil), r.Dict...)
	return &c
}

func (r *Record) size() int { return len(r.Text) + len(r.Dict) + recordOverhead }
