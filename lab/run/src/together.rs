//! Waiting for several things at once.

use std::future::poll_fn;
use std::task::Poll;

/// Waits for all of them; their results stand in the same order.
pub(super) async fn all<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut waiting: Vec<_> = futures.map(|future| (Box::pin(future), None)).collect();
    poll_fn(|context| {
        for (future, result) in &mut waiting {
            if result.is_none()
                && let Poll::Ready(ready) = future.as_mut().poll(context)
            {
                *result = Some(ready);
            }
        }
        match waiting.iter().all(|(_, result)| result.is_some()) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    })
    .await;
    waiting
        .into_iter()
        .filter_map(|(_, result)| result)
        .collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn results_stand_in_the_order_of_what_is_waited_for() {
        let late = |ms: u64| async move {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            ms
        };
        assert_eq!(all([40, 1, 20].into_iter().map(late)).await, [40, 1, 20]);
        let none: [std::future::Ready<u32>; 0] = [];
        assert!(all(none.into_iter()).await.is_empty());
    }
}
