//! A generative model of a noisy host, so that the estimators can be tried on data whose truth is
//! known: by this crate's tests and by the lab's self-check.
//!
//! One window's log metric = the framework's effect + the host's hidden state (an AR(1) process
//! that runs through the windows in the order they are taken) + an effect of this framework in
//! this launch + the window's own noise + now and then a spike. The presets follow a noise study
//! of a 2-core virtual machine: neighbouring windows' CPU per request correlated .5 to .8, block
//! differences with an sd of 4 to 5 %.

use crate::random::Stream;

/// The noise of a host; all sizes in log units.
///
/// ```
/// use stats::{random::Stream, sim::Model};
/// let y = Model::QUIET.campaign(&[0.0, 0.05], 3, 4, &mut Stream::new(1));
/// assert_eq!((y.len(), y[0].len()), (2, 12));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Model {
    /// Correlation of the host's hidden state between a window and the next, in [0, 1).
    pub rho: f64,
    /// Standard deviation of that state.
    pub environment: f64,
    /// Standard deviation of a window's own noise.
    pub window: f64,
    /// Standard deviation of the effect of a launch on one framework.
    pub launch: f64,
    /// Chance of a spike in a window.
    pub spike_chance: f64,
    /// Mean size of a spike (exponential, upwards).
    pub spike: f64,
}

impl Model {
    /// No neighbours: slow drift and little else.
    pub const QUIET: Model = Model {
        rho: 0.8,
        environment: 0.05,
        window: 0.01,
        launch: 0.0,
        spike_chance: 0.0,
        spike: 0.0,
    };
    /// Neighbours that compile and test: a rough state and spikes in a tenth of the windows.
    pub const NOISY: Model = Model {
        rho: 0.8,
        environment: 0.10,
        window: 0.03,
        launch: 0.0,
        spike_chance: 0.10,
        spike: 0.15,
    };

    /// The log metric of a campaign, `[framework][block]`: `launches` launches of `blocks` blocks
    /// each, in which every framework has one window, in a fresh random order. `effects` are the
    /// truth, one for each framework.
    pub fn campaign(
        &self,
        effects: &[f64],
        launches: usize,
        blocks: usize,
        stream: &mut Stream,
    ) -> Vec<Vec<f64>> {
        let mut table = vec![Vec::with_capacity(launches * blocks); effects.len()];
        let mut order: Vec<usize> = (0..effects.len()).collect();
        let mut state = self.environment * stream.normal();
        for _ in 0..launches {
            let settled: Vec<f64> = effects
                .iter()
                .map(|e| e + self.launch * stream.normal())
                .collect();
            for _ in 0..blocks {
                stream.shuffle(&mut order);
                for &framework in &order {
                    state = self.next_state(state, stream);
                    table[framework].push(settled[framework] + state + self.noise(stream));
                }
            }
        }
        table
    }

    /// The log metric of `windows` windows of one framework in a row.
    ///
    /// ```
    /// use stats::{random::Stream, sim::Model};
    /// assert_eq!(Model::NOISY.series(60, &mut Stream::new(1)).len(), 60);
    /// ```
    pub fn series(&self, windows: usize, stream: &mut Stream) -> Vec<f64> {
        let mut state = self.environment * stream.normal();
        let mut values = Vec::with_capacity(windows);
        for _ in 0..windows {
            state = self.next_state(state, stream);
            values.push(state + self.noise(stream));
        }
        values
    }

    fn next_state(&self, state: f64, stream: &mut Stream) -> f64 {
        let fresh = (1.0 - self.rho * self.rho).max(0.0).sqrt();
        self.rho * state + fresh * self.environment * stream.normal()
    }

    fn noise(&self, stream: &mut Stream) -> f64 {
        let spiked = stream.uniform() < self.spike_chance;
        self.window * stream.normal()
            + if spiked {
                stream.exponential(self.spike)
            } else {
                0.0
            }
    }
}
