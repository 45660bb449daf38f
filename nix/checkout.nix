# A checkout, as far as the lab reads one: profiles, experiments and the ledger of claims, and a folder `frameworks`,
# which tells that it is one. No page of the documentation is in it, so that a word there measures
# nothing anew.
{ lib }:
lib.fileset.toSource {
  root = ../.;
  fileset = lib.fileset.unions [
    ../frameworks/kit/plaintext.txt
    (lib.fileset.fileFilter (file: file.hasExt "toml") ../hosts)
    # Campaigns name its digest, so a change of the ledger measures anew.
    ../lab/claims/ledger
    ../lab/experiments
  ];
}
