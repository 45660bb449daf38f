//! The usual protocol of articles: one server after the other, warmed up, five samples in a row,
//! the median printed.

use claims::Fact;
use stats::random::Stream;
use stats::sim::Model;
use stats::summary;

use super::fact;
use crate::found;

const SEED: u64 = 240_001;
const CAMPAIGNS: usize = 10_000;
/// Requests per second, as the text has them: what is true in the simulation.
const TRUE: [f64; 3] = [187_420.0, 179_860.0, 162_310.0];
/// Windows of a server: as many are thrown away first.
const SAMPLES: usize = 5;

pub(super) fn facts() -> Vec<Fact> {
    let of = |name: &str, host: &str, model: Model| {
        let mut stream = Stream::new(SEED);
        let wrong = (0..CAMPAIGNS).filter(|_| !in_order(&medians(&model, &mut stream)));
        let what = format!(
            "share of simulated campaigns that print three servers which are 4.2 % and 10.8 % apart in a wrong order, by the medians of five samples in a row after a warm-up, on a {host} host"
        );
        fact(name, &what, found::share(wrong.count(), CAMPAIGNS))
    };
    vec![
        of("sim_five_samples_wrong_order_noisy", "noisy", Model::NOISY),
        of("sim_five_samples_wrong_order_quiet", "quiet", Model::QUIET),
    ]
}

fn medians(model: &Model, stream: &mut Stream) -> Vec<f64> {
    let series = model.series(TRUE.len() * 2 * SAMPLES, stream);
    let servers = series.chunks(2 * SAMPLES).zip(TRUE);
    servers
        .filter_map(|(windows, rate)| {
            // Noise is extra cost, so it takes from a rate.
            let samples: Vec<f64> = (windows[SAMPLES..].iter())
                .map(|ln| rate.ln() - ln)
                .collect();
            summary::median(&samples)
        })
        .collect()
}

fn in_order(medians: &[f64]) -> bool {
    medians.windows(2).all(|pair| pair[0] > pair[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_noise_the_order_is_right() {
        let calm = Model {
            environment: 0.0,
            window: 0.0001,
            spike_chance: 0.0,
            ..Model::QUIET
        };
        let mut stream = Stream::new(1);
        assert!((0..100).all(|_| in_order(&medians(&calm, &mut stream))));
    }
}
