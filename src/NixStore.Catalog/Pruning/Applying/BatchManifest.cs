using System.Text;
using System.Text.Json;
using NixStore.Catalog.Pruning.Objects;
using NixStore.Catalog.Pruning.Plans;
using NixStore.Catalog.Pruning.Trash;
using NixStore.Engine.Writing;

namespace NixStore.Catalog.Pruning.Applying;

/// <summary>
/// Writes, in the place of requests, what S3 Batch Operations takes for hundreds of millions of objects: a list of the keys, and the description of the
/// job that tags them. Account, role and the list's own ETag are filled in by who uploads it.
/// </summary>
internal sealed class BatchManifest(PrunePlan plan, PruneJournal journal, TrashFolder trash, S3Objects cache, string folder)
{
    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true, NewLine = "\n" };

    /// <summary>Writes a wave.</summary>
    internal async Task Write(int number, IRemoval removal, CancellationToken cancellation)
    {
        if (removal.Method != TrashMethod.Tag)
        {
            throw new NixStoreException("PruneModeNotSupported", StoreErrorKind.NotSupported, "S3 Batch Operations deletes nothing: it can only tag objects for the bucket's lifecycle.", folder, "Use -BatchManifest with -Mode Tag.");
        }

        await new S3Tags(cache, plan.Summary.Id).AddRule(cancellation).ConfigureAwait(false);
        Directory.CreateDirectory(folder);
        var done = new List<PruneEntry>();
        var file = Path.Combine(folder, $"wave-{number}-manifest.csv");
        DurableFile.Write(file, stream =>
        {
            foreach (var (batch, objects) in new Wave(plan, number, journal.State.Begun!.BatchSizes[number - 1]).Batches(cancellation))
            {
                var wanted = objects.Where(item => !journal.State.IsKept(item.Planned)).ToList();
                foreach (var item in wanted)
                {
                    stream.Write(Encoding.UTF8.GetBytes($"{cache.Bucket},{Uri.EscapeDataString(cache.KeyOf(item.Planned.Key)).Replace("%2F", "/", StringComparison.Ordinal)}\n"));
                }

                trash.WriteTaken(number, batch, wanted.Select(RecordOf), cancellation).GetAwaiter().GetResult();
                done.Add(new BatchDone(number, batch, objects[0].Planned.Key, objects[^1].Planned.Key, wanted.Count, wanted.Sum(item => item.Planned.Size ?? 0), objects.Count - wanted.Count, [], []));
            }
        });
        DurableFile.Write(Path.Combine(folder, $"wave-{number}-job.json"), stream => stream.Write(JsonSerializer.SerializeToUtf8Bytes(Job(number), s_json)));
        journal.Add([.. done, new WaveDone(number)]);
    }

    private static TrashRecord RecordOf(WaveObject item) => new()
    {
        Key = item.Planned.Key,
        Kind = item.Planned.Kind,
        Hash = item.Planned.HashPart,
        Name = item.Path?.Name,
        Url = item.Path?.Url,
        Size = item.Planned.Size ?? 0,
        ETag = item.Planned.ETag,
        StorageClass = item.Planned.StorageClass,
        At = DateTimeOffset.UtcNow,
    };

    /// <summary>As <c>aws s3control create-job --cli-input-json</c> takes it.</summary>
    private object Job(int number) => new
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
            Spec = new { Format = "S3BatchOperations_CSV_20180820", Fields = new[] { "Bucket", "Key" } },
            Location = new { ObjectArn = $"arn:aws:s3:::{cache.Bucket}/wave-{number}-manifest.csv", ETag = "ETAG" },
        },
        Report = new { Enabled = true, Bucket = $"arn:aws:s3:::{cache.Bucket}", Prefix = $"{ObjectKeys.TrashPrefix}{plan.Summary.Id}/report", Format = "Report_CSV_20180820", ReportScope = "FailedTasksOnly" },
    };
}
