/*
 * ranges.c - a set of versions, kept as ranges that lie apart.
 *
 * Versions mostly arrive in order, and a message has one range or a few; but
 * they may arrive in any order, and no order may take quadratic time.  So the
 * ranges are a binary search tree that chance keeps balanced: where two trees
 * become one, either root may be the new one, the more likely the larger its
 * tree is (Martinez and Roura, Randomized binary search trees, 1998).  Depth
 * is logarithmic whatever the order of the versions, so long as whoever chooses it
 * cannot foresee the chance: its seed is the caller's.
 *
 * The highest range is no part of the tree: nearly every version belongs to it,
 * and so needs no look at any node.
 */
#include <stdlib.h>

#include "log/ranges.h"
#include "record.h"

struct range_node {
	struct seq_range range;
	struct range_node *left, *right;
	size_t count; /* of the nodes here and below */
};

static size_t
node_count(const struct range_node *node)
{
	return node == NULL ? 0 : node->count;
}

static void
node_count_set(struct range_node *node)
{
	node->count = 1 + node_count(node->left) + node_count(node->right);
}

/* Makes one tree of two; all of a stands before all of b. */
static struct range_node *
trees_join(struct ranges *ranges, struct range_node *a, struct range_node *b)
{
	if (a == NULL || b == NULL)
		return a == NULL ? b : a;
	ranges->chance = ranges->chance * UINT64_C(6364136223846793005) + 1442695040888963407;
	if ((ranges->chance >> 33) % (a->count + b->count) < a->count) {
		a->right = trees_join(ranges, a->right, b);
		node_count_set(a);
		return a;
	}
	b->left = trees_join(ranges, a, b->left);
	node_count_set(b);
	return b;
}

/* Parts a tree: before gets the ranges that end before seq, behind the others. */
static void
tree_part(struct range_node *node, uint64_t seq, struct range_node **before,
    struct range_node **behind)
{
	if (node == NULL) {
		*before = *behind = NULL;
	} else if (node->range.last < seq) {
		*before = node;
		tree_part(node->right, seq, &node->right, behind);
		node_count_set(node);
	} else {
		*behind = node;
		tree_part(node->left, seq, before, &node->left);
		node_count_set(node);
	}
}

static void
tree_free(struct range_node *node)
{
	if (node == NULL)
		return;
	tree_free(node->left);
	tree_free(node->right);
	free(node);
}

/* Keeps a tree's nodes, linked by left, for ranges to come. */
static void
tree_spare(struct ranges *ranges, struct range_node *node)
{
	if (node == NULL)
		return;
	tree_spare(ranges, node->left);
	tree_spare(ranges, node->right);
	node->left = ranges->spare;
	ranges->spare = node;
}

static struct range_node *
node_new(struct ranges *ranges)
{
	struct range_node *node = ranges->spare;

	if (node == NULL)
		return malloc(sizeof(*node));
	ranges->spare = node->left;
	return node;
}

/* The node that makes the tree's ranges and [first, last] one; NULL: no memory. */
static struct range_node *
tree_melt(struct ranges *ranges, struct range_node *tree, uint64_t first, uint64_t last)
{
	const struct range_node *end;
	struct range_node *node;

	for (end = tree; end != NULL; end = end->left)
		if (end->range.first < first)
			first = end->range.first;
	for (end = tree; end != NULL; end = end->right)
		if (end->range.last > last)
			last = end->range.last;
	tree_spare(ranges, tree);
	node = node_new(ranges);
	if (node != NULL)
		*node = (struct range_node){ { first, last }, NULL, NULL, 1 };
	return node;
}

/* Adds a range that the highest neither has nor touches to the tree below it. */
static int
tree_add(struct ranges *ranges, uint64_t first, uint64_t last)
{
	struct range_node *before, *middle, *behind, *node;

	/* What ends before first - 1 lies apart, and so does what ends behind last + 1 and begins there. */
	tree_part(ranges->root, first == 0 ? 0 : first - 1, &before, &middle);
	tree_part(middle, last + 1, &middle, &behind);
	for (node = behind; node != NULL && node->left != NULL;)
		node = node->left;
	if (node != NULL && node->range.first <= last + 1) {
		struct range_node *touching;

		tree_part(behind, node->range.last + 1, &touching, &behind);
		middle = trees_join(ranges, middle, touching);
	}
	node = tree_melt(ranges, middle, first, last);
	ranges->root = trees_join(ranges, before, node);
	ranges->root = trees_join(ranges, ranges->root, behind);
	return node == NULL ? -1 : 0;
}

/* Lets the highest range begin at first, with all that it then has or touches. */
static void
highest_widen(struct ranges *ranges, uint64_t first)
{
	struct range_node *touching;

	tree_part(ranges->root, first == 0 ? 0 : first - 1, &ranges->root, &touching);
	ranges->highest.first = first;
	for (const struct range_node *node = touching; node != NULL; node = node->left)
		if (node->range.first < first)
			ranges->highest.first = node->range.first;
	tree_spare(ranges, touching);
}

int
ranges_add(struct ranges *ranges, uint64_t first, uint64_t last)
{
	struct seq_range *highest = &ranges->highest;

	if (ranges->any && last + 1 < highest->first)
		return tree_add(ranges, first, last);
	if (!ranges->any || first > highest->last + 1) {
		if (ranges->any && tree_add(ranges, highest->first, highest->last) != 0)
			return -1;
		*highest = (struct seq_range){ first, last };
		ranges->any = true;
		return 0;
	}
	if (last > highest->last)
		highest->last = last;
	if (first < highest->first)
		highest_widen(ranges, first);
	return 0;
}

static int
tree_merge(struct ranges *ranges, const struct range_node *node)
{
	if (node == NULL)
		return 0;
	if (tree_merge(ranges, node->left) != 0 ||
	    ranges_add(ranges, node->range.first, node->range.last) != 0)
		return -1;
	return tree_merge(ranges, node->right);
}

int
ranges_merge(struct ranges *ranges, const struct ranges *other)
{
	if (other->any && ranges_add(ranges, other->highest.first, other->highest.last) != 0)
		return -1;
	return tree_merge(ranges, other->root);
}

/* Does the set have a number of that range? */
static bool
range_meets(const struct ranges *ranges, const struct seq_range *range)
{
	const struct range_node *node = ranges->root;

	if (ranges->any && range->last >= ranges->highest.first &&
	    range->first <= ranges->highest.last)
		return true;
	while (node != NULL && (range->last < node->range.first || range->first > node->range.last))
		node = range->last < node->range.first ? node->left : node->right;
	return node != NULL;
}

static bool
tree_meets(const struct ranges *ranges, const struct range_node *node)
{
	return node != NULL &&
	    (range_meets(ranges, &node->range) || tree_meets(ranges, node->left) ||
		tree_meets(ranges, node->right));
}

bool
ranges_overlap(const struct ranges *ranges, const struct ranges *other)
{
	return (other->any && range_meets(ranges, &other->highest)) ||
	    tree_meets(ranges, other->root);
}

bool
ranges_have(const struct ranges *ranges, uint64_t seq)
{
	const struct range_node *node = ranges->root;

	if (ranges->any && seq >= ranges->highest.first)
		return seq <= ranges->highest.last;
	while (node != NULL && (seq < node->range.first || seq > node->range.last))
		node = seq < node->range.first ? node->left : node->right;
	return node != NULL;
}

size_t
ranges_count(const struct ranges *ranges)
{
	return node_count(ranges->root) + ranges->any;
}

struct seq_range
ranges_get(const struct ranges *ranges, size_t index)
{
	const struct range_node *node = ranges->root;

	if (index == node_count(node))
		return ranges->highest;
	for (;;) {
		size_t left = node_count(node->left);

		if (index == left)
			return node->range;
		node = index < left ? node->left : node->right;
		if (index > left)
			index -= left + 1;
	}
}

/* Copies a tree's ranges; where the next one goes. */
static struct seq_range *
tree_list(const struct range_node *node, struct seq_range *list)
{
	if (node == NULL)
		return list;
	list = tree_list(node->left, list);
	*list = node->range;
	return tree_list(node->right, list + 1);
}

void
ranges_list(const struct ranges *ranges, struct seq_range *list)
{
	list = tree_list(ranges->root, list);
	if (ranges->any)
		*list = ranges->highest;
}

static uint64_t
tree_sum(const struct range_node *node)
{
	if (node == NULL)
		return 0;
	return tree_sum(node->left) + tree_sum(node->right) + node->range.last - node->range.first +
	    1;
}

uint64_t
ranges_sum(const struct ranges *ranges)
{
	return tree_sum(ranges->root) +
	    (ranges->any ? ranges->highest.last - ranges->highest.first + 1 : 0);
}

void
ranges_free(struct ranges *ranges)
{
	tree_free(ranges->root);
	while (ranges->spare != NULL) {
		struct range_node *node = ranges->spare;

		ranges->spare = node->left;
		free(node);
	}
	*ranges = (struct ranges){ 0 };
}
