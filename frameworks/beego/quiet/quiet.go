// Package quiet takes standard error away while the packages of Beego initialise: one of
// them prints that there is no conf/app.conf, which no setting turns off. Go initialises
// packages in the order of their import paths, as far as their imports allow it, so
// this one, with hardly any imports, comes before Beego's.
package quiet

import "os"

var stderr = os.Stderr

func init() {
	if null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
		os.Stderr = null
	}
}

// End gives standard error back.
func End() {
	if os.Stderr != stderr {
		os.Stderr.Close()
		os.Stderr = stderr
	}
}
