package main

// behaviour is how this copy misbehaves; this one does not.
const behaviour = "none"
