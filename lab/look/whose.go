package main

import (
	"go/types"
)

// from says whose a package is.
type from int

const (
	universe  from = iota // Go itself
	ofOwn                 // the server's
	ofTheKit              // the lab's
	ofModule              // of the declared module
	ofKnown               // of the standard library or an engine, with a list
	ofUnknown             // anything else
)

func (l *looker) from(pkg *types.Package) from {
	switch {
	case pkg == nil:
		return universe
	case pkg.Path() == kit:
		return ofTheKit
	case l.isOwnPackage(pkg.Path()):
		return ofOwn
	case l.Module != "std" && within(pkg.Path(), l.Module):
		return ofModule
	case l.known(pkg.Path()) || l.isStandard(pkg.Path()):
		return ofKnown
	case within(pkg.Path(), l.EngineModule):
		return ofModule
	}
	return ofUnknown
}

func (l *looker) isOwnPackage(path string) bool {
	for _, own := range l.world.own {
		if own.ImportPath == path {
			return true
		}
	}
	return false
}

func (l *looker) isStandard(path string) bool {
	one := l.world.all[path]
	return one != nil && one.Standard
}

// isKit tells one of the kit's types.
func (l *looker) isKit(t types.Type, name string) bool {
	named, is := types.Unalias(t).(*types.Named)
	return is && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == kit && named.Obj().Name() == name
}
