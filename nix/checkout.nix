# A checkout, as far as the lab reads one: profiles and experiments, and a folder `frameworks`,
# which tells that it is one. No page of the documentation is in it, so that a word there measures
# nothing anew.
{ lib }:
lib.fileset.toSource {
  root = ../.;
  fileset = lib.fileset.unions [
    ../frameworks/kit/plaintext.txt
    (lib.fileset.fileFilter (file: file.hasExt "toml") ../hosts)
    ../lab/experiments
  ];
}
