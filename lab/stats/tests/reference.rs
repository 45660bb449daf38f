//! Against values computed elsewhere: SciPy 1.x (`scipy.stats`), NumPy and statsmodels, unless
//! another source is named.

use stats::{
    Bootstrap, Error, absolute, mde, multiplicity, paired, signed_rank, student, summary,
    two_sample,
};

fn close(a: f64, b: f64, tolerance: f64) {
    assert!((a - b).abs() <= tolerance, "{a} is not {b}");
}

const D: [f64; 10] = [
    0.012, -0.004, 0.021, 0.015, 0.008, 0.030, -0.010, 0.017, 0.005, 0.011,
];

#[test]
fn student_t() {
    for (p, df, t) in [
        (0.975, 1.0, 12.706204736174694),
        (0.975, 4.0, 2.7764451051977934),
        (0.975, 9.0, 2.262157162798205),
        (0.985, 19.0, 2.345647533562753),
        (0.9995, 11.0, 4.436979338234516),
        (0.80, 19.0, 0.8609505502689286),
        (0.99, 7.5, 2.943099323406721),
        (0.99999, 30.0, 5.054032421448104),
        (0.995, 1e4, 2.5763210466685282),
    ] {
        close(student::quantile(p, df).unwrap(), t, 1e-7);
        close(student::quantile(1.0 - p, df).unwrap(), -t, 1e-7);
    }
    for (t, df, p) in [
        (1.5, 7.0, 0.17729848698997),
        (2.1, 19.0, 0.04931439824327345),
        (8.0, 11.0, 6.532217155384708e-06),
        (30.0, 5.0, 7.718648620496053e-07),
    ] {
        close(student::two_sided_p(t, df) / p, 1.0, 1e-8);
    }
}

#[test]
fn summaries() {
    let x = [2.1, 3.4, 1.9, 5.6, 4.4, 2.8, 3.3, 9.7];
    close(summary::mean(&x).unwrap(), 4.15, 1e-12);
    close(summary::sd(&x).unwrap(), 2.5450231545396313, 1e-12);
    close(summary::cv(&x).unwrap(), 0.6132585914553328, 1e-12);
    close(
        summary::geometric_mean(&x).unwrap(),
        3.627162624699988,
        1e-12,
    );
    close(summary::skewness(&x).unwrap(), 1.7391944916250792, 1e-12);
    for (p, q) in [(0.1, 2.04), (0.5, 3.35), (0.9, 6.83)] {
        close(summary::quantile(&x, p).unwrap(), q, 1e-12);
    }
}

#[test]
fn one_sample_t() {
    let r = paired::t(&D, 0.95).unwrap();
    close(r.p, 0.01912164417994248, 1e-9);
    close(r.interval.low.ln(), 0.002162689933400413, 1e-10);
    close(r.interval.high.ln(), 0.018837310066599583, 1e-10);
}

/// The interval is that of R's `wilcox.test(conf.int = TRUE)`: Walsh averages number
/// `qsignrank(.025, 10)` = 9 from either end.
#[test]
fn signed_ranks() {
    close(signed_rank::p(&D).unwrap(), 0.01953125, 1e-12);
    let (point, interval) = signed_rank::hodges_lehmann(&D, 0.95).unwrap();
    close(point, 0.011, 1e-12);
    close(interval.low, 0.002, 1e-12);
    close(interval.high, 0.019, 1e-12);
}

/// The bootstrap of normal scores reproduces what theory gives for a symmetric sample: about the
/// t interval, a little wider.
#[test]
fn bootstrap_of_a_symmetric_sample() {
    let d: Vec<f64> = (1..=30)
        .map(|i| 0.01 * student::quantile((f64::from(i) - 0.5) / 30.0, 1e4).unwrap())
        .collect();
    let (t, b) = (
        paired::t(&d, 0.95).unwrap(),
        paired::boot_t(&d, 0.95, Bootstrap::default()).unwrap(),
    );
    close(b.half_width() / t.half_width(), 1.0, 0.06);
    close(b.interval.low * b.interval.high, 1.0, 0.001);
}

#[test]
fn welch() {
    let a = [41.2, 39.8, 44.1, 40.7, 43.0, 55.9, 41.1];
    let b = [38.0, 36.5, 37.7, 39.9, 36.1];
    let r = two_sample::welch(&a, &b, 0.95).unwrap();
    close(r.p, 0.01715153446747566, 1e-9);
    close(r.interval.low, 1.0338700911884078, 1e-9);
    close(r.interval.high, 1.2884592427230923, 1e-9);
}

#[test]
fn absolute_values() {
    let e = absolute::geometric_mean(&[3.1, 2.9, 3.3, 3.0, 3.6, 2.7], 0.95).unwrap();
    close(e.point, 3.0868120850970024, 1e-12);
    close(e.interval.low, 2.777059138921648, 1e-9);
    close(e.interval.high, 3.4311148492145014, 1e-9);
    // Values cut off on either side at 95 %, by the binomial distribution.
    for (n, cut) in [(6_u32, 0_u32), (9, 1), (20, 5), (40, 13)] {
        let values: Vec<f64> = (0..n).map(f64::from).collect();
        let e = absolute::median(&values, 0.95).unwrap();
        assert_eq!(
            (e.interval.low, e.interval.high),
            (f64::from(cut), f64::from(n - 1 - cut))
        );
    }
    assert_eq!(
        absolute::median(&[1.0; 5], 0.95),
        Err(Error::TooFew { need: 6, got: 5 })
    );
}

/// The fifteen p values of Benjamini & Hochberg 1995, section 3.2; adjusted by statsmodels. The
/// paper: their procedure rejects the first four at 5 %, Bonferroni (and Holm) the first three.
#[test]
fn adjusted_p_values() {
    let p = [
        0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
        0.5719, 0.6528, 0.7590, 1.0,
    ];
    let bh = [
        0.0015,
        0.003,
        0.0095,
        0.035625,
        0.0603,
        0.06385714285714286,
        0.06385714285714286,
        0.0645,
        0.0765,
        0.486,
        0.5811818181818182,
        0.714875,
        0.7532307692307693,
        0.8132142857142857,
        1.0,
    ];
    for (found, wanted) in multiplicity::benjamini_hochberg(&p).into_iter().zip(bh) {
        close(found, wanted, 1e-12);
    }
    let exploratory = multiplicity::Family::Exploratory.adjust(&p, 0.95).unwrap();
    close(exploratory[0].level, 1.0 - 0.05 * 4.0 / 15.0, 1e-12);
    let primary = multiplicity::Family::Primary.adjust(&p, 0.95).unwrap();
    close(primary[1].p, 15.0 * p[1], 1e-12);
    close(primary[14].p, 1.0, 1e-12);
}

/// Half-width and minimal detectable effect in units of sd, as the method's table has them.
#[test]
fn sizes() {
    for (n, half, mde) in [
        (6, 1.05, 1.42),
        (10, 0.72, 0.99),
        (15, 0.55, 0.78),
        (20, 0.47, 0.66),
        (30, 0.37, 0.53),
        (40, 0.32, 0.45),
    ] {
        close(mde::mde(1.0, n).unwrap(), mde, 0.006);
        let width = student::factor(0.95, (n - 1) as f64).unwrap() / (n as f64).sqrt();
        close(width, half, 0.006);
    }
}
