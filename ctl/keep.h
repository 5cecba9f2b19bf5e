/* keep.h - housekeeping: all groups at once, and the end of old archives */
#ifndef CTL_KEEP_H
#define CTL_KEEP_H

struct ctl;
struct compaction;
struct progress;

/* compact or archive of every group, each by itself: the exit status. */
int ctl_keep_all(struct ctl *ctl);
/* compact of ctl's group, and then the end of archives that --keep does not keep: the exit status. */
int ctl_keep_group(struct ctl *ctl, int (*compact)(struct ctl *ctl));

/* What compact or archive does with a group, as ctl says. */
struct compaction ctl_compaction(const struct ctl *ctl, const char *group_id,
    struct progress *progress);
/* Reports what became of it, with the log's name; nothing where there was nothing to do. */
void ctl_tell_compaction(const struct ctl *ctl, const char *name,
    const struct compaction *compaction);

#endif
