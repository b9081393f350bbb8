namespace NixStore.Caches.S3;

/// <summary>Writes the address of a bucket so that it can be opened again: with what says where it is, without what says how to write.</summary>
internal static class S3Address
{
    public static string Of(string url, S3Parameters parameters)
    {
        var said = new List<string>();
        Add("endpoint", parameters.Endpoint, null);
        Add("region", parameters.Region, S3Parameters.DefaultRegion);
        Add("scheme", parameters.Scheme, "https");
        Add("profile", parameters.Profile, null);
        Add("addressing-style", parameters.AddressingStyle, "auto");
        return said.Count == 0 ? url : $"{url}?{string.Join('&', said)}";

        void Add(string name, string? value, string? usual)
        {
            if (value is not null && value != usual)
            {
                // As people write it; what would end the value is escaped.
                said.Add($"{name}={Uri.EscapeDataString(value).Replace("%3A", ":", StringComparison.Ordinal).Replace("%2F", "/", StringComparison.Ordinal)}");
            }
        }
    }
}
