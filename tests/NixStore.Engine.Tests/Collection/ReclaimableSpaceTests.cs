using NixStore.Engine.Liveness;
using NixStore.Engine.Trees;

namespace NixStore.Engine.Tests.Collection;

public sealed class ReclaimableSpaceTests
{
    private readonly ReclaimableSpace _space = new(new HashSet<ulong> { 1, 2 });

    [Fact]
    public void What_a_tree_has_alone_comes_free_with_it()
    {
        Assert.Equal(100, _space.Add(Tree(100)));
        Assert.Equal(100, _space.Total);
    }

    [Fact]
    public void A_file_of_several_trees_comes_free_with_the_last()
    {
        Assert.Equal(1, _space.Add(Tree(1, new SharedInode(7, 3, 50))));
        Assert.Equal(1, _space.Add(Tree(1, new SharedInode(7, 3, 50))));
        Assert.Equal(51, _space.Add(Tree(1, new SharedInode(7, 3, 50))));
        Assert.Equal(53, _space.Total);
        Assert.Empty(_space.Orphans);
    }

    [Fact]
    public void A_file_with_a_link_that_is_not_deleted_does_not_come_free()
    {
        Assert.Equal(0, _space.Add(Tree(0, new SharedInode(7, 3, 50), new SharedInode(7, 3, 50))));
        Assert.Equal(0, _space.Total);
    }

    [Fact]
    public void The_entry_in_links_does_not_hold_a_file()
    {
        Assert.Equal(0, _space.Add(Tree(0, new SharedInode(1, 3, 50))));
        Assert.Equal(50, _space.Add(Tree(0, new SharedInode(1, 3, 50))));
        Assert.Equal([1UL], _space.Orphans);
    }

    [Fact]
    public void A_file_that_is_twice_in_one_tree_comes_free_once()
        => Assert.Equal(50, _space.Add(Tree(0, new SharedInode(2, 3, 50), new SharedInode(2, 3, 50))));

    [Fact]
    public void The_number_of_links_is_that_of_the_first_look()
    {
        _space.Add(Tree(0, new SharedInode(7, 3, 50)));

        // The second was deleted on the disk before the third was looked at.
        Assert.Equal(0, _space.Add(Tree(0, new SharedInode(7, 2, 50))));
        Assert.Equal(50, _space.Add(Tree(0, new SharedInode(7, 1, 50))));
    }

    private static TreeUsage Tree(long own, params SharedInode[] shared) => TreeUsage.None with { OwnBytes = own, Shared = shared };
}
