using System.Buffers.Text;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace Rollbook.Silo.Http;

/// <summary>
/// A pure Python wheel (https://packaging.python.org/en/latest/specifications/binary-distribution-format/): a zip archive of the
/// package and its dist-info. The same sources give the same bytes, and the same entries as <c>src/Client.Python/build_wheel.py</c>.
/// </summary>
internal sealed class Wheel
{
    // -rw-r--r-- of a regular file, in the high half as Unix archives have it.
    private const int Mode = 0x81A4 << 16;

    // The first moment that a zip archive can tell.
    private static readonly DateTimeOffset Time = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private Wheel(string version, byte[] content)
    {
        FileName = $"rollbook-{version}-py3-none-any.whl";
        Content = content;
    }

    /// <summary>What the file must be called: installers read name, version and platform from it.</summary>
    public string FileName { get; }

    /// <summary>The archive.</summary>
    public byte[] Content { get; }

    /// <summary>Builds a wheel.</summary>
    /// <param name="files">The package's files by their names in the wheel, in the order in which they are to stand.</param>
    /// <param name="version">The package's version.</param>
    public static Wheel Build(IEnumerable<KeyValuePair<string, byte[]>> files, string version)
    {
        var info = $"rollbook-{version}.dist-info";
        List<KeyValuePair<string, byte[]>> entries = [.. files];
        entries.Add(new($"{info}/METADATA", Encoding.UTF8.GetBytes(Metadata(version))));
        entries.Add(new($"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: rollbook\nRoot-Is-Purelib: true\nTag: py3-none-any\n"u8.ToArray()));
        entries.Add(new($"{info}/top_level.txt", "rollbook\n"u8.ToArray()));
        // Each file with its hash and length; the list itself without either.
        var record = string.Concat(entries.Select(entry => $"{entry.Key},sha256={Base64Url.EncodeToString(SHA256.HashData(entry.Value))},{entry.Value.Length}\n"));
        entries.Add(new($"{info}/RECORD", Encoding.UTF8.GetBytes($"{record}{info}/RECORD,,\n")));
        return new Wheel(version, Zip(entries));
    }

    private static string Metadata(string version) =>
        $"""
        Metadata-Version: 2.1
        Name: rollbook
        Version: {version}
        Summary: The flight recorder of reinforcement-learning rollouts: the Python client
        License: MIT
        Requires-Python: >=3.9

        """.ReplaceLineEndings("\n");

    private static byte[] Zip(List<KeyValuePair<string, byte[]>> entries)
    {
        using var buffer = new MemoryStream();
        using (var archive = new ZipArchive(buffer, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in entries)
            {
                // Not compressed: compressors differ from one machine to the next.
                var entry = archive.CreateEntry(name, CompressionLevel.NoCompression);
                entry.LastWriteTime = Time;
                entry.ExternalAttributes = Mode;
                using var stream = entry.Open();
                stream.Write(content);
            }
        }

        return buffer.ToArray();
    }
}
