//! The same, once there is something new.

use super::*;

/// Polls, and says when the answer came.
async fn wait(net: &Net, feed: &Feed, since: u64) -> String {
    let waiting = polling::long_poll(feed, since);
    match timeout(Duration::from_secs(3600), waiting).await {
        Ok(response) => format!("{}, at {} s", answer(&response), net.now().as_secs_f32()),
        Err(_) => "still waits".to_owned(),
    }
}

/// Publishes an update after a while.
fn publish_at(millis: u64, feed: &Feed, text: &'static str) {
    let feed = feed.clone();
    tokio::spawn(async move {
        sleep(Duration::from_millis(millis)).await;
        feed.publish(text);
    });
}

#[test]
fn waits_for_the_next_update() {
    wire(
        "Wait until `feed.latest()` is greater than `since`. Do not look at it now and then.",
        async |net: Net| {
            let feed = feed(&["kick-off"]);
            publish_at(7123, &feed, "goal");
            clue("204 , at 0 s", "You answered without waiting.");
            clue(
                "204 , at 30 s",
                "You slept through the update: wait for it *or* for 30 s.",
            );
            clue(
                "at 30 s",
                "You slept to the end. Answer as soon as there is something new.",
            );
            assert_snapshot!(wait(&net, &feed, 1).await, @r"200 2 goal\n, at 7.123 s");
            clue(
                "at 8 s",
                "More than one came, and you told of one. `short_poll` has them all.",
            );
            let more = feed.clone();
            tokio::spawn(async move {
                sleep(Duration::from_millis(877)).await;
                for text in ["half-time", "goal", "goal"] {
                    more.publish(text);
                }
            });
            assert_snapshot!(wait(&net, &feed, 2).await, @r"200 3 half-time\n4 goal\n5 goal\n, at 8 s");
        },
    );
}

/// The update came while no poll was open. A server that waits for the *next* one never tells of it.
#[test]
fn answers_at_once_when_the_reader_is_behind() {
    wire(
        "There is something new already: do not wait for more.",
        async |net: Net| {
            let feed = feed(&["kick-off", "goal", "half-time"]);
            clue(
                "at 0 s",
                "This reader misses two updates, and you told of one. `short_poll` has them all.",
            );
            clue(
                "at 30 s",
                "An update between two polls waits for the next poll. `changed` looks only at what \
             happens after the call; `wait_for` looks first.",
            );
            assert_snapshot!(wait(&net, &feed, 1).await, @r"200 2 goal\n3 half-time\n, at 0 s");
        },
    );
}

/// Something on the way drops a connection that is silent for too long. End it before that.
#[test]
fn answers_204_after_thirty_seconds() {
    wire(
        "Every wait has an end: `timeout(LONG_POLL, …)`.",
        async |net: Net| {
            clue(
                "still waits",
                "Nothing came, and you wait for ever. Put a `timeout` around it.",
            );
            clue(
                "204 , at 0 s",
                "This reader has number 1, and you did not wait for more: a new number is greater \
                 than `since`.",
            );
            clue(
                "408",
                "Nothing was wrong with the request. Nothing new is 204.",
            );
            assert_snapshot!(wait(&net, &feed(&["kick-off"]), 1).await, @"204 , at 30 s");
        },
    );
}

/// An update is for everybody who waits.
#[test]
fn wakes_every_reader() {
    wire("All who wait get the update.", async |net: Net| {
        let feed = feed(&[]);
        publish_at(3456, &feed, "kick-off");
        let (ann, bob) = tokio::join!(wait(&net, &feed, 0), wait(&net, &feed, 0));
        assert_snapshot!(format!("{ann}\n{bob}"), @r"
        200 1 kick-off\n, at 3.456 s
        200 1 kick-off\n, at 3.456 s
        ");
    });
}

/// A reader may be ahead of the feed: the server has started again, and counts from 1.
#[test]
fn waits_for_a_number_that_is_greater() {
    wire(
        "Wait until the newest number is greater than `since`, not for just any change.",
        async |net: Net| {
            let feed = feed(&["kick-off"]);
            publish_at(5000, &feed, "goal");
            publish_at(8000, &feed, "half-time");
            clue(
                "204 , at 5 s",
                "Number 2 came, and this reader has it. `changed` wakes for any number; \
                 `wait_for` takes a condition.",
            );
            assert_snapshot!(wait(&net, &feed, 2).await, @r"200 3 half-time\n, at 8 s");
        },
    );
}

#[test]
fn gives_up_on_a_number_that_does_not_come() {
    wire(
        "An update that is not new to the reader is no reason to answer.",
        async |net: Net| {
            let feed = feed(&["kick-off"]);
            publish_at(5000, &feed, "goal");
            clue(
                "204 , at 5 s",
                "Number 2 is not greater than 5, and yet you stopped waiting at it.",
            );
            clue(
                "204 , at 0 s",
                "The newest number is not 5, but this reader is not behind either: wait.",
            );
            clue(
                "at 35 s",
                "The 30 s began anew at the update: one `timeout` around the whole wait.",
            );
            assert_snapshot!(wait(&net, &feed, 5).await, @"204 , at 30 s");
            clue(
                "overflow",
                "A client may send any number: compare, and do not add to it.",
            );
            assert_snapshot!(wait(&net, &feed, u64::MAX).await, @"204 , at 60 s");
        },
    );
}

/// Both sides of the limit.
#[test]
fn waits_for_thirty_seconds_and_not_longer() {
    wire("30 s, to the moment.", async |net: Net| {
        let feed = feed(&[]);
        publish_at(29_900, &feed, "kick-off");
        publish_at(60_100, &feed, "goal");
        assert_snapshot!(wait(&net, &feed, 0).await, @r"200 1 kick-off\n, at 29.9 s");
        assert_snapshot!(wait(&net, &feed, 1).await, @"204 , at 59.9 s");
    });
}
