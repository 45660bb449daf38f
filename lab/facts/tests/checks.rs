//! The articles' listings, sums and calls, executed: what the compiler, the kernel and the frameworks
//! answer, by the published table. `.ci/long facts` finds that table again.

use std::path::{Path, PathBuf};

use claims::{Facts, Kind, Ledger, Source, Verdict, expect::Expected, rule};

fn checkout() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// As published; that it is what is found is the last test's to say.
fn published() -> Facts {
    let path = (checkout().join("reports"))
        .join(claims::facts::FOLDER)
        .join(claims::facts::FILE);
    Facts::read(&path).unwrap()
}

#[test]
fn listings_and_calls_do_what_is_known_of_them() {
    let found = published();
    for (name, wanted) in [
        ("x01_compiles", 0.0),
        ("x01_mended_compiles", 1.0),
        ("x02_gin_compiles", 1.0),
        ("x02_fiber_compiles", 0.0),
        ("x02_fiber_own_compiles", 1.0),
        ("splice_sockets_errno", 22.0),
        ("splice_pipe_bytes", 1.0),
        ("splice_move_makes_a_reference", 0.0),
        ("status_crosses_line", 0.0),
        ("fields_share_of_line", 12.0 / 64.0),
        ("listing_hops_over_segments", 1.0),
        ("collections_when_off", 0.0),
        ("collections_when_on", 1.0),
        // Go's TLS lets such a client in as if it had offered nothing.
        ("alpn_h2_only_client_http11", 1.0),
        ("alpn_h2_only_client_silent", 1.0),
        ("alpn_both_client_http11", 1.0),
        ("alpn_both_client_silent", 1.0),
        ("x19_c_compiles", 0.0),
        ("x19_c_mended_compiles", 1.0),
        ("x20_netpoll_takes_bool", 0.0),
        ("x20_netpoll_gives_g", 0.0),
        ("pool_of_new_context_is_nil", 1.0),
        ("pool_survivors_two_collections", 0.0),
        ("route_allocs_gin", 0.0),
        ("http2_std", 1.0),
        ("unknown_field_refused", 1.0),
        ("known_fields_taken", 1.0),
        ("ring_lost", 1.0),
    ] {
        let fact = found.facts.get(name);
        let fact = fact.unwrap_or_else(|| panic!("there is no fact {name}"));
        assert_eq!(fact.value, wanted, "{name}: {}", fact.what);
    }
    assert!(found.facts["listing_wrong"].value >= 1.0);
    // Without collections nothing leaves a pool but what it drops by itself.
    assert!(found.facts["pool_survivors_none"].value >= 90.0);
}

/// The sums of the ledger's checks, and their verdicts.
#[test]
fn sums_give_what_is_known_of_them() {
    let ledger = Ledger::read(&checkout().join(claims::FOLDER)).unwrap();
    let mut sums = 0;
    for (id, wanted, verdict) in [
        ("X08", 2.0625, Verdict::Supported),
        ("X10", 1.0 / 120.0, Verdict::Refuted),
        ("X11", 400.641, Verdict::Refuted),
        ("X12", 2.17, Verdict::Refuted),
        ("X14", 62.963, Verdict::Refuted),
        ("X15", 11.009, Verdict::Supported),
        ("X27", 64.522, Verdict::Refuted),
    ] {
        let claim = (ledger.articles.iter().flat_map(|a| &a.claims)).find(|c| c.id == id);
        let [test] = claim.unwrap().tests() else {
            panic!("{id} has one test");
        };
        let Source::Arithmetic { value, .. } = test.source else {
            panic!("{id} is a sum");
        };
        assert!((value / wanted - 1.0).abs() < 1e-3, "{id}: {value}");
        let found = claims::Found::exact(value);
        assert_eq!(
            rule::of_band(test.expected.band(), &found).0,
            verdict,
            "{id}"
        );
        sums += 1;
    }
    assert_eq!(sums, 7);
}

/// Every fact that a claim names is one that there is, here or among the timed ones.
#[test]
fn claims_name_facts_that_there_are() {
    let found = published();
    let ledger = Ledger::read(&checkout().join(claims::FOLDER)).unwrap();
    for claim in ledger.articles.iter().flat_map(|a| &a.claims) {
        for test in claim.tests() {
            if let Source::Fact(name) = &test.source {
                let there = found.facts.contains_key(name) || name.starts_with("timed_");
                assert!(there, "{}: there is no fact {name}", claim.id);
            }
        }
    }
}

/// Simulations have fixed seeds: run again they say what is published, to the last digit.
#[test]
fn simulations_say_what_is_published() {
    let published = published();
    let found = facts::simulated();
    assert!(!found.is_empty());
    for fact in &found {
        assert_eq!(
            published.facts.get(&fact.fact),
            Some(fact),
            "`lab claims --measure`"
        );
    }
    let simulated = (published.facts.values()).filter(|f| f.kind == Kind::Simulated);
    assert_eq!(simulated.count(), found.len());
}

/// What is published is what is found: exact facts and simulations to the last digit, counts within
/// a tenth of their range, and by all of them the same verdicts.
#[test]
#[ignore = "builds some dozen Go programs, which takes minutes: `.ci/long facts` runs it"]
fn the_published_table_says_the_same() {
    let published = published();
    let found = facts::deterministic(&checkout()).unwrap();
    let names = |facts: &Facts| facts.facts.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&published), names(&found));
    for (name, fact) in &found.facts {
        let there = &published.facts[name];
        match fact.kind {
            Kind::Exact | Kind::Simulated => assert_eq!(there, fact, "`lab claims --measure`"),
            Kind::Counted | Kind::Timed => assert_eq!(there.what, fact.what),
        }
    }
    let ledger = Ledger::read(&checkout().join(claims::FOLDER)).unwrap();
    for claim in ledger.articles.iter().flat_map(|a| &a.claims) {
        for test in claim.tests() {
            let Source::Fact(name) = &test.source else {
                continue;
            };
            if let (Some(there), Some(here)) = (published.facts.get(name), found.facts.get(name)) {
                assert_eq!(
                    verdict(&test.expected, there),
                    verdict(&test.expected, here),
                    "{}: {name} is published as {} and found as {}",
                    claim.id,
                    there.value,
                    here.value
                );
            }
        }
    }
}

fn verdict(expected: &Expected, fact: &claims::Fact) -> Verdict {
    rule::of_band(expected.band(), &fact.found()).0
}
