using NixStore.Engine.Trees;

namespace NixStore.Engine.Tests.Trees;

public sealed class WorkQueueTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Everything_is_done_once(int workers)
    {
        var sums = Enumerable.Range(0, workers).Select(_ => new long[1]).ToList();
        WorkQueue.Run<long[], int>(sums, offer => Enumerable.Range(1, 5000).ToList().ForEach(offer), (sum, item, _) => sum[0] += item, default);
        Assert.Equal(5000L * 5001 / 2, sums.Sum(sum => sum[0]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void A_failure_of_a_worker_ends_it(int workers)
        => Assert.Throws<InvalidOperationException>(() => WorkQueue.Run<int, int>(
            Enumerable.Range(0, workers).ToList(), offer => Enumerable.Range(0, 100_000).ToList().ForEach(offer),
            (_, item, _) => _ = item == 77 ? throw new InvalidOperationException() : item, default));

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void A_failure_of_the_feeding_ends_it(int workers)
        => Assert.Throws<InvalidOperationException>(() => WorkQueue.Run<int, int>(
            Enumerable.Range(0, workers).ToList(), _ => throw new InvalidOperationException(), (_, _, _) => { }, default));

    [Fact]
    public void It_can_be_stopped()
    {
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => WorkQueue.Run<int, int>(
            [1, 2], offer => Enumerable.Range(0, 100_000).ToList().ForEach(offer), (_, _, _) => stop.Cancel(), stop.Token));
    }

    [Fact]
    public void Inodes_are_kept_with_their_proof()
    {
        var set = new InodeSet();
        Parallel.For(1, 10_001, inode => set.Add((ulong)inode * 12345, isProved: inode % 2 == 0));
        Assert.All(Enumerable.Range(1, 10_000), inode =>
        {
            Assert.True(set.Contains((ulong)inode * 12345));
            Assert.Equal(inode % 2 == 0, set.IsProved((ulong)inode * 12345));
            Assert.False(set.Contains(((ulong)inode * 12345) + 1));
        });
        Assert.False(set.Add(2 * 12345));
        Assert.True(set.IsProved(2 * 12345));
        Assert.True(set.Add(ulong.MaxValue));
    }
}
