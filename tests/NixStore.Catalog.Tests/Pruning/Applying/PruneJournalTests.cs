using System.Text;
using NixStore.Catalog.Pruning.Applying;
using NixStore.Catalog.Pruning.Trash;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.Pruning.Applying;

public sealed class PruneJournalTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_torn_last_line_is_cut_off_and_the_rest_counts()
    {
        using (var journal = PruneJournal.Open(_directory.Path, TimeProvider.System))
        {
            journal.Add(new RunBegun("p", "d", BinaryCachePruneMode.Trash, TrashMethod.Copy, "s3://b", null, [10, 10], "h", "u"), new BatchBegun(1, 0), new BatchBegun(1, 1));
            journal.Add(new BatchDone(1, 0, "a", "b", 7, 70, 1, ["gone"], ["changed"]), new PathKept("h", null, "x"));
        }

        var file = _directory / "run/journal.jsonl";
        File.AppendAllText(file, "{\"event\":\"wave\",\"wave\":1");
        using (var journal = PruneJournal.Open(_directory.Path, TimeProvider.System))
        {
            Assert.Equal((true, false, true, true), (journal.State.IsDone(1, 0), journal.State.IsDone(1, 1), journal.State.IsBegun(1, 1), journal.State.HasUnfinished(1)));
            Assert.True(journal.State.HasUnrestored);
            Assert.Empty(journal.State.WaveEnds);
            Assert.Equal(TrashMethod.Copy, journal.State.Begun!.Method);
            Assert.Equal("PruneBusy", Assert.Throws<NixStoreException>(() => PruneJournal.Open(_directory.Path, TimeProvider.System)).ErrorId);
            journal.Add(new WaveDone(1));
        }

        Assert.EndsWith("}\n", File.ReadAllText(file), StringComparison.Ordinal);
        Assert.Single(PruneJournal.Read(_directory.Path).WaveEnds);
    }

    [Fact]
    public void A_damaged_line_is_an_error()
    {
        Directory.CreateDirectory(_directory / "run");
        File.WriteAllText(_directory / "run/journal.jsonl", "{\"event\":\"wave\",\"wave\":1}\nrubbish\n");
        Assert.Equal("PruneJournalDamaged", Assert.Throws<NixStoreException>(() => PruneJournal.Open(_directory.Path, TimeProvider.System)).ErrorId);
        Assert.Equal("PruneJournalDamaged", Assert.Throws<NixStoreException>(() => PruneJournal.Read(_directory.Path)).ErrorId);
    }

    [Fact]
    public void Steps_come_in_their_order_and_not_before_their_time()
    {
        var options = new PruneOptions();
        var now = DateTimeOffset.UtcNow;
        var state = new PruneState();
        Assert.Equal(PruneStep.Reconcile, Next(false, true));
        Assert.Equal(PruneStep.NarInfos, Next(true, false));
        state.Apply(new WaveDone(1) { Time = now });
        Assert.Equal(PruneStep.Wait, Next(false, false));
        Assert.Equal(PruneStep.Reconcile, Next(false, true));
        Assert.Equal(now + TimeSpan.FromDays(30), PruneSchedule.Next(state, options, true, false, now).NextDue);
        now += TimeSpan.FromDays(31);
        Assert.Equal(PruneStep.Reconcile, Next(false, false));
        Assert.Equal(PruneStep.Nars, Next(true, false));
        state.Apply(new WaveDone(2) { Time = now });
        Assert.Equal(PruneStep.Wait, Next(false, false));
        now += TimeSpan.FromHours(1);
        Assert.Equal(PruneStep.Reconcile, Next(false, false));
        Assert.Equal(PruneStep.Settle, Next(true, false));
        state.Apply(new PlanSettled { Time = now });
        Assert.Equal(PruneStep.Finished, Next(true, true));

        PruneStep Next(bool isReconciled, bool isFirst) => PruneSchedule.Next(state, options, isReconciled, isFirst, now).Step;
    }

    [Fact]
    public void What_has_its_tag_has_to_go_before_delays_begin()
    {
        var options = new PruneOptions();
        var now = DateTimeOffset.UtcNow;
        using (var journal = PruneJournal.Open(_directory.Path, TimeProvider.System))
        {
            journal.Add(new ManifestWritten(1), new WaveTagged(1));
        }

        var state = PruneJournal.Read(_directory.Path);
        Assert.Equal([1], state.Manifests);
        now += TimeSpan.FromDays(40);
        Assert.Equal((PruneStep.Reconcile, PruneStep.Expire), (Next(false), Next(true)));
        state.Apply(new WaveDone(1) { Time = now });
        Assert.Equal(PruneStep.Wait, Next(true));
        now += TimeSpan.FromDays(31);
        Assert.Equal(PruneStep.Nars, Next(true));
        state.Apply(new WaveTagged(2) { Time = now });
        now += TimeSpan.FromDays(1);
        Assert.Equal(PruneStep.Expire, Next(true));
        state.Apply(new WaveDone(2) { Time = now });
        Assert.Equal(PruneStep.Wait, Next(true));
        now += TimeSpan.FromHours(2);
        Assert.Equal(PruneStep.Settle, Next(true));

        PruneStep Next(bool isReconciled) => PruneSchedule.Next(state, options, isReconciled, !isReconciled, now).Step;
    }

    [Theory]
    [InlineData("20260601T120000Z-0123abcd", true)]
    [InlineData("../20260601T120000Z-0123abcd", false)]
    [InlineData("20260601T120000Z-0123abcd/..", false)]
    [InlineData("", false)]
    public void Names_of_plans_lead_nowhere_else(string id, bool isValid)
    {
        using var folder = new NixStore.Catalog.Pruning.Objects.FolderObjects(NixStore.Caches.BinaryCaches.BinaryCacheUrl.Parse("file://" + _directory.Path));
        Assert.Equal(isValid ? null : "InvalidPlanId", Record.Exception(() => new TrashFolder(folder, "nixstore-trash/", id)) is NixStoreException error ? error.ErrorId : null);
    }

    [Theory]
    [InlineData("{\"key\":\"../../etc/passwd\",\"kind\":\"Nar\"}")]
    [InlineData("{\"key\":\"nix-cache-info\",\"kind\":\"Nar\"}")]
    [InlineData("{\"key\":\"nar/x\",\"kind\":\"NarInfo\"}")]
    [InlineData("rubbish")]
    public async Task Lists_of_the_trash_are_believed_only_when_they_can_be_true(string line)
    {
        using var objects = new NixStore.Catalog.Pruning.Objects.FolderObjects(NixStore.Caches.BinaryCaches.BinaryCacheUrl.Parse("file://" + _directory.Path));
        var trash = new TrashFolder(objects, "nixstore-trash/", "20260601T120000Z-0123abcd");
        await objects.Write("nixstore-trash/20260601T120000Z-0123abcd/taken/1-000000000.jsonl", Encoding.UTF8.GetBytes(line + "\n"), default);
        Assert.Equal("TrashDamaged", (await Assert.ThrowsAsync<NixStoreException>(() => TrashIndex.Open([trash], default))).ErrorId);
    }

    [Theory]
    [InlineData("{\"key\":\"nar/x\",\"kind\":\"Nar\",\"size\":1,\"at\":\"2026-06-01T12:00:00Z\"}\n")]
    [InlineData("{\"key\":\"na")]
    public async Task A_list_that_a_killed_run_has_half_written_is_none(string text)
    {
        using var objects = new NixStore.Catalog.Pruning.Objects.FolderObjects(NixStore.Caches.BinaryCaches.BinaryCacheUrl.Parse("file://" + _directory.Path));
        var trash = new TrashFolder(objects, "nixstore-trash/", "20260601T120000Z-0123abcd");
        var list = "{\"key\":\"nar/x\",\"kind\":\"Nar\",\"size\":1,\"at\":\"2026-06-01T12:00:00Z\"}\n";
        await objects.Write("nixstore-trash/20260601T120000Z-0123abcd/taken/2-000000000.jsonl", Encoding.UTF8.GetBytes(list), default);
        await objects.Write("nixstore-trash/20260601T120000Z-0123abcd/taken/2-000000000.jsonl.tmp.1.2", Encoding.UTF8.GetBytes(text), default);
        using var index = await TrashIndex.Open([trash], default);
        Assert.Single(index.Records("", default));
    }

    [Fact]
    public async Task Links_in_a_folder_are_not_followed()
    {
        Directory.CreateDirectory(_directory / "cache");
        Directory.CreateDirectory(_directory / "outside");
        File.WriteAllText(_directory / "outside/victim.nar", "x");
        Directory.CreateSymbolicLink(_directory / "cache/nar", _directory / "outside");
        using var objects = new NixStore.Catalog.Pruning.Objects.FolderObjects(NixStore.Caches.BinaryCaches.BinaryCacheUrl.Parse("file://" + (_directory / "cache")));
        Assert.Null(objects.TryState("nar/victim.nar"));
        await objects.Delete(["nar/victim.nar"], default);
        Assert.Equal("InvalidObjectKey", Assert.Throws<NixStoreException>(() => objects.TryState("../outside/victim.nar")).ErrorId);
        Assert.True(File.Exists(_directory / "outside/victim.nar"));
    }
}
