using System.Text;
using System.Text.Json;
using NixStore.Catalog.Pruning.Objects;
using NixStore.Catalog.Pruning.Plans;
using NixStore.Catalog.Pruning.Trash;
using NixStore.Engine.Writing;

namespace NixStore.Catalog.Pruning.Applying;

/// <summary>
/// Lets S3 Batch Operations tag hundreds of millions of objects: writes a list of them, and the description of the job. Account, role and the list's own
/// ETag are filled in by who uploads it. The job asks nobody, and takes its time: until its report says that it has ended, no rule takes what has a tag, so
/// that what has to stay can lose it again.
/// </summary>
internal sealed class BatchManifest(PrunePlan plan, PruneJournal journal, TrashFolder trash, S3Objects cache, DateTimeOffset unknownBefore, TimeProvider clock)
{
    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true, NewLine = "\n" };

    private readonly S3Tags _tags = new(cache, plan.Summary.Id);

    // Lists may be in a folder, reports never.
    private readonly S3Objects _reports = trash.Control as S3Objects ?? cache;

    /// <summary>Where the job's report comes, beside the lists of the trash.</summary>
    internal string ReportKey(int number) => trash.FileKey($"report-{number}");

    /// <summary>Writes a wave: objects that are still those of the plan, by their versions where the bucket keeps them.</summary>
    internal async Task Write(int number, string folder, CancellationToken cancellation)
    {
        // The rule of a wave before would take what the job tags at once.
        await _tags.RemoveRule(cancellation).ConfigureAwait(false);
        Directory.CreateDirectory(folder);
        var hasVersions = await cache.KeepsVersions.ConfigureAwait(false);
        DurableFile.Write(Path.Combine(folder, ListName(number)), stream =>
        {
            foreach (var (batch, objects) in WaveOf(number).Batches(cancellation))
            {
                var seen = cache.Look([.. objects.Select(item => item.Planned.Key)], cancellation).GetAwaiter().GetResult();
                var wanted = objects.Where(item => !journal.State.IsKept(item.Planned) && IsSame(item, seen)).ToList();
                foreach (var item in wanted)
                {
                    var key = Uri.EscapeDataString(cache.KeyOf(item.Planned.Key)).Replace("%2F", "/", StringComparison.Ordinal);
                    stream.Write(Encoding.UTF8.GetBytes(hasVersions ? $"{cache.Bucket},{key},{seen[item.Planned.Key].Version}\n" : $"{cache.Bucket},{key}\n"));
                }

                trash.WriteTaken(number, batch, wanted.ConvertAll(item => TrashRecord.Of(item.Planned, item.Path, seen[item.Planned.Key], clock.GetUtcNow())), cancellation).GetAwaiter().GetResult();
            }
        });
        DurableFile.Write(Path.Combine(folder, $"wave-{number}-job.json"), stream => stream.Write(JsonSerializer.SerializeToUtf8Bytes(Job(number, hasVersions), s_json)));
        journal.Add(new ManifestWritten(number));
    }

    /// <summary>True when the job has ended, well or not: it writes a report then, in a folder of its own.</summary>
    internal bool IsJobOver(int number, CancellationToken cancellation)
        => _reports.List(ReportKey(number) + "/", null, cancellation).Any(state => state.Key.EndsWith("/manifest.json", StringComparison.Ordinal));

    /// <summary>Takes the tag from what the list names and has to stay: what is needed since, and what somebody has written since.</summary>
    internal async Task Untag(int number, CancellationToken cancellation)
    {
        foreach (var (_, objects) in WaveOf(number).Batches(cancellation))
        {
            var seen = await cache.Look([.. objects.Select(item => item.Planned.Key)], cancellation).ConfigureAwait(false);
            await Parallel.ForEachAsync(
                objects.Where(item => journal.State.IsKept(item.Planned) || !IsSame(item, seen)),
                new ParallelOptions { MaxDegreeOfParallelism = cache.Access.ThrottleLimit, CancellationToken = cancellation },
                async (item, token) => await _tags.Set(item.Planned.Key, isSet: false, token).ConfigureAwait(false)).ConfigureAwait(false);
        }
    }

    private static string ListName(int number) => $"wave-{number}-manifest.csv";

    private Wave WaveOf(int number) => new(plan, number, journal.State.Begun!.BatchSizes[number - 1]);

    private bool IsSame(WaveObject item, IReadOnlyDictionary<string, ObjectState> seen)
        => seen.TryGetValue(item.Planned.Key, out var state) && state.IsThere && state.IsSame(item.Planned, unknownBefore);

    /// <summary>As <c>aws s3control create-job --cli-input-json</c> takes it.</summary>
    private object Job(int number, bool hasVersions) => new
    {
        AccountId = "ACCOUNT",
        ConfirmationRequired = true,
        Description = $"{S3Tags.TagName} {plan.Summary.Id}, wave {number}",
        ClientRequestToken = $"{plan.Summary.Id}-{number}",
        Priority = 10,
        RoleArn = "arn:aws:iam::ACCOUNT:role/ROLE",
        Operation = new { S3PutObjectTagging = new { TagSet = new[] { new { Key = S3Tags.TagName, Value = plan.Summary.Id } } } },
        Manifest = new
        {
            Spec = new { Format = "S3BatchOperations_CSV_20180820", Fields = hasVersions ? new[] { "Bucket", "Key", "VersionId" } : ["Bucket", "Key"] },
            Location = new { ObjectArn = $"arn:aws:s3:::{cache.Bucket}/{ListName(number)}", ETag = "ETAG" },
        },
        Report = new
        {
            Enabled = true,
            Bucket = $"arn:aws:s3:::{_reports.Bucket}",
            Prefix = _reports.KeyOf(ReportKey(number)),
            Format = "Report_CSV_20180820",
            ReportScope = "FailedTasksOnly",
        },
    };
}
