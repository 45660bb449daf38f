use super::*;
use crate::Schedule;
use crate::experiment::LineUp;

fn declared() -> Vec<Trial> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../trials");
    let mut trials = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        trials.push(Trial::load(&entry.unwrap().path()).unwrap());
    }
    trials
}

#[test]
fn the_declared_trials_are_sound() {
    let trials = declared();
    assert_eq!(trials.len(), 8);
    let campaigns = |t: &Trial| !matches!(t.design, TrialDesign::Counted { .. });
    for trial in trials.into_iter().filter(campaigns) {
        let experiment = trial.experiment();
        let LineUp::Names(names) = &experiment.frameworks else {
            panic!("{}: not a list", trial.name);
        };
        let schedule = Schedule::draw(&experiment, &experiment.full, names, trial.seed);
        let pairs = experiment.pairs(&schedule, trial.seed);
        assert!(schedule.windows() + pairs.len() > 0, "{}", trial.name);
    }
}

#[test]
fn the_seeds_of_no_two_tries_are_equal() {
    let mut seeds: Vec<u64> = (declared().iter())
        .flat_map(|t| (0..u64::from(t.tries)).map(|k| t.seed + k))
        .collect();
    let all = seeds.len();
    seeds.sort_unstable();
    seeds.dedup();
    assert_eq!(seeds.len(), all);
}

#[test]
fn bad_trials_are_refused_by_line() {
    let good = include_str!("../../../trials/duet-1.yaml");
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("duet-1.yaml");
    for (from, to, says, line) in [
        // A key of the design, and one of that name beside it.
        ("rate: 8000", "rate: 0", "1 to 1000000", 12),
        ("tries: 40", "rate: 40", "unknown field `rate`", 9),
        ("spin_ns: 250", "spin: 250", "unknown field `spin`", 11),
        ("looks: [24, 32,", "looks: [32, 24,", "that grow", 17),
        (
            "looks: [24, 32,",
            "looks: [6, 32,",
            "7 launches or more",
            17,
        ),
        ("tries: 40", "tries: 0", "nothing would be tried", 9),
        ("kind: duet", "kind: duel", "unknown variant", 11),
        ("name: duet-1", "name: other", "differs from", 2),
        (
            "tries: 40",
            "tries: 4294967295",
            "allowed are 1 to 10000",
            9,
        ),
        (
            "spin_ns: 250",
            "spin_ns: 0",
            "allowed are 1 to 1000000000",
            16,
        ),
        ("window_ms: 500", "window_ms: 5000000", "50 to 600000", 15),
        (
            "percent: 0.5",
            "percent: .nan",
            "allowed are 0.01 to 100",
            18,
        ),
        ("found: 36", "found: 41", "allowed are 0 to 40", 20),
    ] {
        assert!(good.contains(from), "{from}");
        std::fs::write(&path, good.replacen(from, to, 1)).unwrap();
        let err = Trial::load(&path).unwrap_err().to_string();
        let place = format!("duet-1.yaml:{line}: ");
        assert!(
            err.contains(&place) && err.contains(says),
            "{place}{to}: {err}"
        );
    }
}
