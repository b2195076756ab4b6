package policies_test
import ("enterprise-openai/rehearsal/cases";"testing";"strings";"sort";"path/filepath")
func TestZZ(t *testing.T){
 e:=newEngine(t)
 var names []string
 for n := range mutations { names=append(names,n) }
 sort.Strings(names)
 for _, n := range names { m := mutations[n]
  done:=0
  e.Edit = func(d, text string) string { if d != m.document { return text }; done += strings.Count(text, m.old); return strings.ReplaceAll(text, m.old, m.new) }
  files,_ := cases_find()
  var caught []string
  bad:=""
  for _, f := range files { r, err := e.Run(t.Context(), f); if err != nil { bad=err.Error(); break }; if !r[0].Pass { caught=append(caught, strings.TrimSuffix(strings.TrimPrefix(f,"testdata/"),".txtar")) } }
  hit:=false
  for _,c := range caught { if filepath.ToSlash(c)==m.caught {hit=true} }
  t.Logf("%-48s n=%d hit=%v want=%s caught=%v %s", n, done, hit, m.caught, caught, bad)
 }
}
func cases_find() ([]string, error) { return cases.Find("testdata") }
