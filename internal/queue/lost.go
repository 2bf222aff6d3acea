package queue

import (
	"context"
	"fmt"
	"time"
)

// Jobs of lost servers.
//
// A server that is killed leaves the jobs it worked on marked as running. River would
// free them after an hour, and until then the errand would not recur: a tick is kept
// out by the one before. So each client of the queue says that it is there, and what
// runs under the name of one that is not is given to others: a job is tried again, a
// tick is dropped for the next one. A server that was only frozen does such a job
// beside another, which must do nothing twice.
//
// On SQLite there is one server: whatever ran before it started is lost.
const (
	beatEvery = 5 * time.Second
	beatLost  = 20 * time.Second // four beats that did not come
)

// freed is what becomes of a lost job: the instant and the type of a state are the
// database's.
const freed = `UPDATE river_job SET
	state = CASE WHEN attempt < max_attempts THEN 'available'%[2]s ELSE 'discarded' END,
	scheduled_at = CASE WHEN attempt < max_attempts THEN %[1]s ELSE scheduled_at END,
	finalized_at = CASE WHEN attempt < max_attempts THEN NULL ELSE %[1]s END
	WHERE state = 'running' AND `

var (
	freedSQLite   = fmt.Sprintf(freed, `datetime('now', 'subsec')`, "") + `json_extract(attempted_by, '$[#-1]') NOT LIKE $1 || '%'`
	freedPostgres = fmt.Sprintf(freed, `now()`, "::river_job_state") + `attempted_at < now() - make_interval(secs => $1)
		AND NOT EXISTS (SELECT 1 FROM river_client c WHERE c.id = attempted_by[array_upper(attempted_by, 1)] AND c.updated_at >= now() - make_interval(secs => $1))`
)

// arrive makes the client known before it takes a job, and frees what was lost while
// nobody was there.
func (q *Queue) arrive(ctx context.Context) error {
	if q.store.Postgres() {
		return q.beat(ctx)
	}
	if _, err := q.store.DB().ExecContext(ctx, freedSQLite, q.store.Boot()); err != nil {
		return err
	}
	_, err := q.store.DB().ExecContext(ctx, `DELETE FROM river_leader WHERE leader_id NOT LIKE $1 || '%'`, q.store.Boot())
	return err
}

// beat says that the client is there, and frees the jobs of those that are not.
func (q *Queue) beat(ctx context.Context) error {
	bounded, cancel := context.WithTimeout(ctx, beatEvery)
	defer cancel()
	if _, err := q.store.DB().ExecContext(bounded, `INSERT INTO river_client (id, updated_at) VALUES ($1, now())
		ON CONFLICT (id) DO UPDATE SET updated_at = now()`, q.id); err != nil {
		return err
	}
	if _, err := q.store.DB().ExecContext(bounded, `DELETE FROM river_client WHERE updated_at < now() - make_interval(hours => 1)`); err != nil {
		return err
	}
	_, err := q.store.DB().ExecContext(bounded, freedPostgres, beatLost.Seconds())
	return err
}

// beats goes on until ctx ends. One that fails is made up for by the next.
func (q *Queue) beats(ctx context.Context) {
	if !q.store.Postgres() {
		return
	}
	t := time.NewTicker(beatEvery)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		if err := q.beat(ctx); err != nil && ctx.Err() == nil {
			q.log.Debug("the queue could not say that it is there", "error", err)
		}
	}
}
