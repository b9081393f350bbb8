namespace NixStore.Engine.Database;

/// <summary>Makes rows of what SQLite gives, whatever its types: a column of SQLite holds what was put into it, not what it was declared for.</summary>
internal static class PathRowReader
{
    /// <summary>The row that a statement over the columns of <c>ValidPaths</c> stands on.</summary>
    /// <param name="row">The statement.</param>
    /// <param name="names">Paths of the references.</param>
    /// <param name="referenceIds">Ids that table <c>Refs</c> has for the row.</param>
    internal static PathRow Read(Statement row, PathNames names, List<long>? referenceIds)
    {
        var path = row.Text(1) ?? "";
        names.Remember(row.Int64(0), path);
        List<(string, string)>? malformed = null;
        string[] references = [];
        List<long>? dangling = null;
        if (referenceIds is not null)
        {
            var found = new List<string>(referenceIds.Count);
            foreach (var reference in referenceIds)
            {
                if (names.Find(reference) is { } name)
                {
                    found.Add(name);
                }
                else
                {
                    (dangling ??= []).Add(reference);
                }
            }

            references = [.. found];
            Array.Sort(references, StringComparer.Ordinal);
        }

        return new PathRow
        {
            Id = row.Int64(0),
            Path = path,
            Hash = row.Text(2),
            RegistrationTime = Number(row, 3, Note),
            Deriver = row.Text(4),
            NarSize = Number(row, 5, Note),
            Ultimate = Number(row, 6, Note),
            Signatures = row.Text(7),
            ContentAddress = row.Text(8),
            References = references,
            DanglingReferences = dangling ?? [],
            MalformedColumns = malformed ?? [],
        };

        void Note(int column) => (malformed ??= []).Add((row.NameOf(column), row.Text(column) ?? "NULL"));
    }

    /// <summary>A whole number; what is neither that nor NULL is given to <paramref name="malformed"/>.</summary>
    internal static long? Number(Statement row, int column, Action<int>? malformed)
    {
        if (row.IsInteger(column))
        {
            return row.Int64(column);
        }

        if (!row.IsNull(column))
        {
            malformed?.Invoke(column);
        }

        return null;
    }
}
